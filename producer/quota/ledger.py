"""The calls that were made, counted in PostgreSQL before each of them: a restart forgets none.

A row per account and period holds when the period began and the calls since. One statement counts a call
in every period at once; where a period has no call left its row is not updated, and the statement as a
whole is rolled back. Row locks make concurrent processes wait for each other, so that together they
cannot make more calls than one could.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db.models import QuotaUsage
from producer.database import Database
from producer.events import to_datetime, to_micros
from producer.quota.budget import Account, Limit


@dataclass(frozen=True)
class Usage:
    """The calls of the present period; ``resets_at`` is when it ends, None while it has not begun."""

    limit: Limit
    calls: int
    resets_at: int | None

    @property
    def left(self) -> int:
        """How many calls the period still has."""
        return max(0, self.limit.calls - self.calls)


class _NoCallLeftError(Exception):
    """Takes back the whole statement; carries what it found."""

    def __init__(self, spent: Usage) -> None:
        super().__init__()
        self.spent = spent


class QuotaLedger:
    """Counts calls; every method raises one of ``DATABASE_ERRORS`` when PostgreSQL is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, account: Account, limits: Sequence[Limit], now: int, weight: int = 1
    ) -> Usage | None:
        """Count a call, as so many as it weighs, in all periods; returns one that has too few left.

        Then nothing is counted.
        """
        try:
            await self._database.transaction(
                lambda connection: _take(connection, account, limits, now, weight)
            )
        except _NoCallLeftError as refusal:
            return refusal.spent
        return None

    async def usage(self, account: Account, limits: Sequence[Limit], now: int) -> list[Usage]:
        """Return what the present period of each limit has seen."""
        return await self._database.transaction(lambda connection: _usage(connection, account, limits, now))

    async def exhaust(self, account: Account, limit: Limit, now: int) -> None:
        """Note that the provider itself calls the present period spent."""
        await self._database.transaction(lambda connection: _exhaust(connection, account, limit, now))


def _take(connection: Connection, account: Account, limits: Sequence[Limit], now: int, weight: int) -> None:
    counting = insert(QuotaUsage).values(
        [
            {
                "provider": account.provider,
                "key_fingerprint": account.key_fingerprint,
                "period": limit.period,
                "window_start": to_datetime(limit.begin(now)),
                "calls": weight,
            }
            # Always in one order, so that two processes cannot hold what the other one wants.
            for limit in sorted(limits, key=lambda limit: limit.micros)
        ]
    )
    length = case(
        {limit.period: literal(to_datetime(limit.micros) - to_datetime(0)) for limit in limits},
        value=QuotaUsage.period,
    )
    allowed = case({limit.period: limit.calls for limit in limits}, value=QuotaUsage.period)
    begins = counting.excluded.window_start
    # A clock that was set back, or another process's that is ahead, never opens a period again.
    is_over = begins >= QuotaUsage.window_start + length
    counted = connection.execute(
        counting.on_conflict_do_update(
            index_elements=[QuotaUsage.provider, QuotaUsage.key_fingerprint, QuotaUsage.period],
            set_={
                "calls": case((is_over, weight), else_=QuotaUsage.calls + weight),
                "window_start": case((is_over, begins), else_=QuotaUsage.window_start),
            },
            where=or_(is_over, QuotaUsage.calls + weight <= allowed),
        ).returning(QuotaUsage.period)
    )
    periods = set(counted.scalars())
    if len(periods) < len(limits):
        spent = [
            usage
            for usage in _usage(connection, account, limits, now)
            if usage.limit.period not in periods and usage.left < weight
        ]
        # Of several the longest wait: before it no call is possible.
        raise _NoCallLeftError(max(spent, key=lambda usage: usage.resets_at or now))


def _usage(connection: Connection, account: Account, limits: Sequence[Limit], now: int) -> list[Usage]:
    rows = connection.execute(
        select(QuotaUsage.period, QuotaUsage.window_start, QuotaUsage.calls).where(_is_of(account))
    )
    found = {row.period: (to_micros(row.window_start), row.calls) for row in rows}
    return [_usage_of(limit, found.get(limit.period), now) for limit in limits]


def _usage_of(limit: Limit, counted: tuple[int, int] | None, now: int) -> Usage:
    if counted is None or now >= counted[0] + limit.micros:
        return Usage(limit, 0, None)
    return Usage(limit, counted[1], counted[0] + limit.micros)


def _exhaust(connection: Connection, account: Account, limit: Limit, now: int) -> None:
    connection.execute(
        update(QuotaUsage)
        .where(_is_of(account), QuotaUsage.period == limit.period)
        .where(QuotaUsage.window_start >= to_datetime(limit.begin(now)))
        .values(calls=func.greatest(QuotaUsage.calls, limit.calls))
    )


def _is_of(account: Account) -> ColumnElement[bool]:
    return and_(
        QuotaUsage.provider == account.provider, QuotaUsage.key_fingerprint == account.key_fingerprint
    )
