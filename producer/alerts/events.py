"""Alerts that have fired, what became of them on each channel, and tests of that way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text, tuple_
from sqlalchemy.engine import RowMapping

from db.models import AlertDelivery, AlertEvent
from producer.alerts.ledger import AlertLedger, living
from producer.errors import NoAlertChannelError
from producer.events import to_datetime, to_micros

DELIVERIES = AlertDelivery.__table__
EVENTS = AlertEvent.__table__
POLL_SECONDS = 0.1

WAKE = text("SELECT pg_notify('alert_deliveries', '')")


@dataclass(frozen=True)
class Place:
    """The place of an event in the list: where the next page goes on. Times are microseconds UTC."""

    event_time: int
    rule_id: int

    def __str__(self) -> str:
        return f"{self.event_time}.{self.rule_id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """Read what :meth:`__str__` has written."""
        event_time, _, rule_id = text.partition(".")
        return cls(int(event_time), int(rule_id))


@dataclass(frozen=True)
class Page:
    """Some events, each with its deliveries, and the place of the last where there may be more."""

    events: list[dict[str, Any]]
    next: Place | None


class AlertHistory:
    """Answers what has fired; every call may raise :class:`DatabaseUnavailableError`."""

    def __init__(self, ledger: AlertLedger) -> None:
        self._ledger = ledger

    async def page(
        self, rule_id: int | None, symbol: str | None, since: datetime | None, after: Place | None, limit: int
    ) -> Page:
        """Return the newest events by the market's time, from a place on where one is given."""
        query = select(EVENTS).order_by(EVENTS.c.event_time.desc(), EVENTS.c.rule_id.desc()).limit(limit)
        if rule_id is not None:
            query = query.where(EVENTS.c.rule_id == rule_id)
        if symbol is not None:
            query = query.where(EVENTS.c.symbol == symbol)
        if since is not None:
            query = query.where(EVENTS.c.event_time >= since)
        if after is not None:
            place = (to_datetime(after.event_time), after.rule_id)
            query = query.where(tuple_(EVENTS.c.event_time, EVENTS.c.rule_id) < place)

        def read(connection: Connection) -> list[dict[str, Any]]:
            found = [dict(row) for row in connection.execute(query).mappings()]
            deliveries = _deliveries_of(connection, found)
            return [event | {"deliveries": deliveries.get(_key(event), [])} for event in found]

        events = await self._ledger.transaction(read)
        if len(events) < limit:
            return Page(events, None)
        return Page(events, Place(to_micros(events[-1]["event_time"]), events[-1]["rule_id"]))

    async def test(self, rule_id: int, seconds: float) -> Sequence[RowMapping]:
        """Order one delivery on each channel of a rule, marked as a test, and return how they are.

        Returns when each has ended, and at the latest after so many seconds. Raises
        :class:`UnknownAlertRuleError` or :class:`NoAlertChannelError`.
        """
        ids = await self._ledger.transaction(lambda connection: _order_tests(connection, rule_id))
        query = select(DELIVERIES).where(DELIVERIES.c.id.in_(ids)).order_by(DELIVERIES.c.channel)
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            rows = await self._ledger.transaction(
                lambda connection: connection.execute(query).mappings().all()
            )
            is_late = asyncio.get_running_loop().time() > deadline
            if is_late or all(row["status"] != "pending" for row in rows):
                return rows
            await asyncio.sleep(POLL_SECONDS)


def _order_tests(connection: Connection, rule_id: int) -> Sequence[int]:
    rule = living(connection, rule_id, lock=True)  # one at a time, so that no two are of one moment
    if not rule["delivery"]:
        raise NoAlertChannelError(
            f"The alerts of rule {rule_id} go nowhere but into the database: give it a webhook or an e-mail "
            f"address with PATCH /alert-rules/{rule_id} first."
        )
    rows = [
        {
            "rule_id": rule_id,
            "symbol": rule["symbol"],
            "event_time": func.clock_timestamp(),
            "channel": channel,
            "is_test": True,
        }
        for channel in rule["delivery"]
    ]
    ids = connection.scalars(insert(AlertDelivery).values(rows).returning(DELIVERIES.c.id)).all()
    connection.execute(WAKE)
    return ids


def _deliveries_of(
    connection: Connection, events: Sequence[dict[str, Any]]
) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    key = tuple_(DELIVERIES.c.rule_id, DELIVERIES.c.symbol, DELIVERIES.c.event_time)
    query = (
        select(DELIVERIES).where(key.in_([_key(event) for event in events])).order_by(DELIVERIES.c.channel)
    )
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(_key(row), []).append(dict(row))
    return found


def _key(row: dict[str, Any] | RowMapping) -> tuple[Any, ...]:
    return (row["rule_id"], row["symbol"], row["event_time"])
