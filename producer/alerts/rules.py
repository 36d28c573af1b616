"""The six kinds of rules, told apart by `kind`: what each needs, and what would never fire or never rest.

`hysteresis` is how far a value has to go back before its rule can fire again: in units of the price for
`price_cross`, in percentage points for `percent_move`, in the indicator's unit for `indicator_threshold`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, EmailStr, Field, TypeAdapter, field_validator, model_validator

from producer.alerts.values import (
    Direction,
    IndicatorName,
    NotNegative,
    Number,
    Positive,
    Webhook,
    Whole,
    refused,
)
from producer.api.models import Symbol
from producer.bars import Interval

Name = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Bitcoin above 65,000"]),
]


class _Strict(BaseModel):
    # A misspelt parameter must be told, and not be left out.
    model_config = ConfigDict(extra="forbid")


class Delivery(_Strict):
    """Where a rule's alerts go: to each address that is given, and nowhere but the database without any."""

    webhook: Webhook | None = None
    email: EmailStr | None = None


class PriceCrossParameters(_Strict):
    """A price, and from which side it is crossed."""

    price: Positive
    direction: Direction = "both"
    hysteresis: NotNegative = "0"

    @model_validator(mode="after")
    def _can_fire_again(self) -> Self:
        if self.direction != "down" and Decimal(self.hysteresis) >= Decimal(self.price):
            raise refused(
                f"no price is as low as {self.price} less the hysteresis {self.hysteresis}, so the rule "
                f"would fire once and never again: choose a hysteresis below the price"
            )
        return self


class PercentMoveParameters(_Strict):
    """A move away from the lowest or highest price of the last minutes, by the market's time."""

    percent: Positive
    window_minutes: Annotated[Whole, Field(ge=1, le=1_440)]
    direction: Direction = "both"
    hysteresis: NotNegative = "0"

    @model_validator(mode="after")
    def _can_happen(self) -> Self:
        if self.direction != "up" and Decimal(self.percent) >= 100:
            raise refused(
                f"no price falls by {self.percent} percent: choose fewer than 100, or the direction up"
            )
        if Decimal(self.hysteresis) >= Decimal(self.percent):
            raise refused(
                f"a move is never below {self.percent} less the hysteresis {self.hysteresis} percent, so the "
                f"rule would fire once and never again: choose a hysteresis below the percent"
            )
        return self


class IndicatorThresholdParameters(_Strict):
    """A value of final candles that is crossed by an indicator."""

    indicator: IndicatorName
    threshold: Number
    direction: Direction = "both"
    hysteresis: Annotated[Number, Field(ge=0)] = 0


class IndicatorCrossParameters(_Strict):
    """Two indicators of final candles of which one crosses the other: up where the first comes above."""

    indicator: IndicatorName
    other: IndicatorName
    direction: Direction = "both"

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.indicator == self.other:
            raise refused(f"{self.indicator} cannot cross itself: choose another indicator as the other")
        return self


class VolumeSpikeParameters(_Strict):
    """A volume that is so many times the mean volume of the candles before it."""

    ratio: Positive
    candles: Annotated[Whole, Field(ge=1, le=500)]


class FeedSilentParameters(_Strict):
    """So long no event, while the venue is open."""

    minutes: Annotated[Whole, Field(ge=1, le=10_080)]


class _Rule(_Strict):
    name: Name
    symbol: Symbol
    delivery: Delivery = Delivery()
    is_enabled: Annotated[bool, Field(strict=True)] = True


class _OfEvents(_Rule):
    """A rule on events, which have no interval."""

    interval: None = None

    @field_validator("interval", mode="before")
    @classmethod
    def _has_none(cls, interval: object) -> object:
        if interval is not None:
            raise refused("a rule of this kind is on events, which have no interval: leave it out")
        return interval


class _OfCandles(_Rule):
    """A rule on final candles of an interval."""

    interval: Interval


class PriceCross(_OfEvents):
    """Fires when the price crosses a value."""

    kind: Literal["price_cross"]
    parameters: PriceCrossParameters


class PercentMove(_OfEvents):
    """Fires when the price has moved so far within so many minutes."""

    kind: Literal["percent_move"]
    parameters: PercentMoveParameters


class IndicatorThreshold(_OfCandles):
    """Fires when an indicator crosses a value."""

    kind: Literal["indicator_threshold"]
    parameters: IndicatorThresholdParameters


class IndicatorCross(_OfCandles):
    """Fires when one indicator crosses another."""

    kind: Literal["indicator_cross"]
    parameters: IndicatorCrossParameters


class VolumeSpike(_OfCandles):
    """Fires when a candle has far more volume than those before it."""

    kind: Literal["volume_spike"]
    parameters: VolumeSpikeParameters


class FeedSilent(_OfEvents):
    """Fires when nothing is told of a symbol while its venue is open."""

    kind: Literal["feed_silent"]
    parameters: FeedSilentParameters


Rule = Annotated[
    PriceCross | PercentMove | IndicatorThreshold | IndicatorCross | VolumeSpike | FeedSilent,
    Field(discriminator="kind"),
]
PARAMETERS: dict[str, type[BaseModel]] = {
    "price_cross": PriceCrossParameters,
    "percent_move": PercentMoveParameters,
    "indicator_threshold": IndicatorThresholdParameters,
    "indicator_cross": IndicatorCrossParameters,
    "volume_spike": VolumeSpikeParameters,
    "feed_silent": FeedSilentParameters,
}
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


class RuleChange(_Strict):
    """What to change of a rule; `parameters` and `delivery` are merged with what it has, as RFC 7396 says."""

    name: Name | None = None
    symbol: Symbol | None = None
    interval: Interval | None = None
    parameters: dict[str, str | int | float | None] | None = None
    delivery: dict[str, str | None] | None = None
    is_enabled: Annotated[bool, Field(strict=True)] | None = None


def columns(rule: Rule) -> dict[str, Any]:
    """Return a rule as the columns of `alert_rules`: parameters whole, of the delivery what is given."""
    values = rule.model_dump()
    values["delivery"] = {channel: to for channel, to in values["delivery"].items() if to is not None}
    return values


def merged(present: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return what becomes of a JSON object by a merge patch (RFC 7396): null takes a member away."""
    result = dict(present)
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result
