"""Asks before every call whether one is left, and waits where a moment helps."""

from __future__ import annotations

from producer.database import DATABASE_ERRORS, one_line
from producer.errors import Later, ProviderError, QuotaSpentError, Soon
from producer.events import to_datetime
from producer.polling.clock import Clock
from producer.quota.budget import Account, Budget
from producer.quota.ledger import QuotaLedger, Usage


class Meter:
    """The budget of one provider and key; every way to that provider goes through the same account."""

    def __init__(self, account: Account, budget: Budget, ledger: QuotaLedger, clock: Clock) -> None:
        self.budget = budget
        self._account = account
        self._ledger = ledger
        self._clock = clock

    async def take(self, weight: int = 1) -> None:
        """Count a call, as so many as it weighs, waiting while the second or minute has none left.

        Raises :class:`QuotaSpentError` when the day has none, and :class:`ProviderError` when
        PostgreSQL cannot count: then no call may be made, for nobody would know of it.
        """
        while True:
            try:
                spent = await self._ledger.take(self._account, self.budget.limits, self._clock.now(), weight)
            except DATABASE_ERRORS as error:
                raise self._cannot_count(error) from error
            if spent is None:
                return
            until = spent.resets_at or self._clock.now()
            if spent.limit.period == "day":
                raise QuotaSpentError(
                    f"All {spent.limit.calls} calls to {self._account.provider} of this day are made: the "
                    f"next are possible from {to_datetime(until):%Y-%m-%d %H:%M} UTC, or with a larger plan.",
                    retry=Later(until),
                )
            await self._clock.sleep_until(until)

    async def usage(self) -> list[Usage]:
        """Return what is used of each limit; raises :class:`ProviderError` when PostgreSQL is away."""
        try:
            return await self._ledger.usage(self._account, self.budget.limits, self._clock.now())
        except DATABASE_ERRORS as error:
            raise self._cannot_count(error) from error

    async def calls_left_today(self) -> int | None:
        """Return how many calls the day still has, None where it has no limit; raises as ``usage``."""
        return next((used.left for used in await self.usage() if used.limit.period == "day"), None)

    async def note_spent(self) -> None:
        """Note that the provider calls the day spent, whatever was counted here; raises as ``usage``."""
        for limit in self.budget.limits:
            if limit.period == "day":
                try:
                    await self._ledger.exhaust(self._account, limit, self._clock.now())
                except DATABASE_ERRORS as error:
                    raise self._cannot_count(error) from error

    def _cannot_count(self, error: BaseException) -> ProviderError:
        return ProviderError(
            f"No call to {self._account.provider} is made, because PostgreSQL cannot count it: "
            f"{one_line(error)}. Start it, or correct POSTGRES_HOST and POSTGRES_PORT.",
            retry=Soon(),
        )
