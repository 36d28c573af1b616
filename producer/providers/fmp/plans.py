"""What the plans of Financial Modeling Prep allow."""

from __future__ import annotations

from dataclasses import dataclass

from producer.quota.budget import Budget, Limit

SYMBOLS_PER_BATCH = 100


@dataclass(frozen=True)
class Plan:
    """A plan's budget, and how many symbols one call can ask for."""

    name: str
    budget: Budget
    symbols_per_call: int


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", Budget((Limit(250, "day"),), most_symbols=87), 1),
        Plan("starter", Budget((Limit(300, "minute"),)), SYMBOLS_PER_BATCH),
        Plan("premium", Budget((Limit(750, "minute"),)), SYMBOLS_PER_BATCH),
    )
}
