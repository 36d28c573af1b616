"""What the plans of Financial Modeling Prep allow."""

from __future__ import annotations

from dataclasses import dataclass

from producer.bars import Interval
from producer.polling.refusals import Refusal
from producer.providers.fmp.refusals import REFUSALS_BY_DAY, REFUSALS_BY_MINUTE
from producer.quota.budget import Budget, Limit

SYMBOLS_PER_BATCH = 100
DAYS: tuple[Interval, ...] = ("1d",)
MINUTES_AND_DAYS: tuple[Interval, ...] = ("1m", "5m", "15m", "1d")


@dataclass(frozen=True)
class Plan:
    """A plan's budget, how many symbols one call can ask for, and the lengths of its bars."""

    name: str
    budget: Budget
    symbols_per_call: int
    bar_intervals: tuple[Interval, ...]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What its refusals mean: a spent limit is that of a day or of a minute."""
        return REFUSALS_BY_MINUTE if self.budget.calls_a_day is None else REFUSALS_BY_DAY


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", Budget((Limit(250, "day"),), most_symbols=87), 1, DAYS),
        Plan("starter", Budget((Limit(300, "minute"),)), SYMBOLS_PER_BATCH, MINUTES_AND_DAYS),
        Plan("premium", Budget((Limit(750, "minute"),)), SYMBOLS_PER_BATCH, MINUTES_AND_DAYS),
    )
}
