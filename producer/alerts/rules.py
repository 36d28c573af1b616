"""The six kinds of rules, told apart by `kind`, and changes of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import EmailStr, Field, StrictFloat, StrictInt, StrictStr, TypeAdapter, field_validator

from producer.alerts.parameters import (
    FeedSilentParameters,
    IndicatorCrossParameters,
    IndicatorThresholdParameters,
    PercentMoveParameters,
    PriceCrossParameters,
    Strict,
    VolumeSpikeParameters,
)
from producer.alerts.values import Webhook, refused
from producer.api.models import Symbol
from producer.bars import Interval

Name = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["Bitcoin above 65,000"]),
]


class Delivery(Strict):
    """Where a rule's alerts go: to each address that is given, and nowhere but the database without any."""

    webhook: Webhook | None = None
    email: EmailStr | None = None


class _Rule(Strict):
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
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


class RuleChange(Strict):
    """What to change of a rule; `parameters` and `delivery` are merged with what it has, as RFC 7396 says."""

    name: Name | None = None
    symbol: Symbol | None = None
    interval: Interval | None = None
    parameters: dict[str, StrictStr | StrictInt | StrictFloat | None] | None = None
    delivery: dict[str, StrictStr | None] | None = None
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
