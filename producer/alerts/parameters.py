"""What each kind of rule needs, and what of it would never fire, or fire once and never again.

`hysteresis` is how far a value has to go back before its rule can fire again: in units of the price for
`price_cross`, in percentage points for `percent_move`, in the indicator's unit for `indicator_threshold`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from producer.alerts.values import Direction, IndicatorName, NotNegative, Number, Positive, Whole, refused


class Strict(BaseModel):
    """Refuses what it does not know."""

    # A misspelt parameter must be told, and not be left out.
    model_config = ConfigDict(extra="forbid")


class PriceCrossParameters(Strict):
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


class PercentMoveParameters(Strict):
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


class IndicatorThresholdParameters(Strict):
    """A value of final candles that is crossed by an indicator."""

    indicator: IndicatorName
    threshold: Number
    direction: Direction = "both"
    hysteresis: Annotated[Number, Field(ge=0)] = 0


class IndicatorCrossParameters(Strict):
    """Two indicators of final candles of which one crosses the other: up where the first comes above."""

    indicator: IndicatorName
    other: IndicatorName
    direction: Direction = "both"

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.indicator == self.other:
            raise refused(f"{self.indicator} cannot cross itself: choose another indicator as the other")
        return self


class VolumeSpikeParameters(Strict):
    """A volume that is so many times the mean volume of the candles before it."""

    ratio: Positive
    candles: Annotated[Whole, Field(ge=1, le=500)]


class FeedSilentParameters(Strict):
    """So long no event, while the venue is open."""

    minutes: Annotated[Whole, Field(ge=1, le=10_080)]


PARAMETERS: dict[str, type[BaseModel]] = {
    "price_cross": PriceCrossParameters,
    "percent_move": PercentMoveParameters,
    "indicator_threshold": IndicatorThresholdParameters,
    "indicator_cross": IndicatorCrossParameters,
    "volume_spike": VolumeSpikeParameters,
    "feed_silent": FeedSilentParameters,
}
