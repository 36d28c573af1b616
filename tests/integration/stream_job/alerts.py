"""Alert rules as a test puts them into the database, and what the job makes of them."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import psycopg2.extensions

from tests.integration.stream_job.generated import trade_at
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import WAIT_SECONDS

INSERT = """
INSERT INTO alert_rules (name, symbol, kind, interval, parameters) VALUES (%s, %s, %s, %s, %s) RETURNING id
"""

SECOND = timedelta(seconds=1)

Fired = list[tuple[datetime, float]]


class Alerts:
    """The tables of rules and alerts, and a way to know that the job has read the rules."""

    def __init__(self, database: psycopg2.extensions.connection, market: Market, moment: datetime) -> None:
        self._database = database
        self._market = market
        self._moment = moment - timedelta(hours=6)
        self._ours: list[int] = []

    async def in_force(self, *rules: tuple[str, str, str | None, Mapping[str, object]]) -> list[int]:
        """Add rules (symbol, kind, interval, parameters) and wait until they are in force."""
        with self._database, self._database.cursor() as cursor:
            ids = [self._insert(cursor, *rule) for rule in rules]
            canary = self._insert_canary(cursor)
        await self._until_fired(*canary)
        return ids

    async def switch(self, rule: int, is_enabled: bool, moment: datetime) -> None:
        """Switch a rule on or off when the market has come to a moment, and wait until the job has read it.

        The moment must be later than anything published: a canary behind the watermark would be late, and is
        behind it once the other shards have been idle for long enough. It may take two hours of market time.
        """
        self._moment = moment
        with self._database, self._database.cursor() as cursor:
            update = "UPDATE alert_rules SET is_enabled = %s, updated_at = now() WHERE id = %s"
            cursor.execute(update, (is_enabled, rule))
            canary = self._insert_canary(cursor)
        await self._until_fired(*canary)

    def fired(self, rule: int) -> Fired:
        """When and at which value a rule has fired, by time."""
        query = "SELECT event_time, value FROM alert_events WHERE rule_id = %s ORDER BY event_time"
        with self._database, self._database.cursor() as cursor:
            cursor.execute(query, (rule,))
            return [(moment.astimezone(UTC), value) for moment, value in cursor.fetchall()]

    def deliver(self, rule: int) -> int:
        """Note on each alert of a rule so far that it is delivered, and return how many those are."""
        return self._count("UPDATE alert_events SET delivered_at = now() WHERE rule_id = %s", rule)

    def delivered(self, rule: int) -> int:
        """How many alerts of a rule are noted as delivered."""
        query = "SELECT 1 FROM alert_events WHERE rule_id = %s AND delivered_at IS NOT NULL"
        return self._count(query, rule)

    def remove(self) -> None:
        """Delete the rules as a user does: softly."""
        self._count("UPDATE alert_rules SET deleted_at = now() WHERE id = ANY(%s)", self._ours)

    def _insert(
        self,
        cursor: psycopg2.extensions.cursor,
        symbol: str,
        kind: str,
        interval: str | None,
        parameters: Mapping[str, object],
    ) -> int:
        cursor.execute(INSERT, ("of a test", symbol, kind, interval, json.dumps(parameters)))
        row = cursor.fetchone()
        assert row is not None
        self._ours.append(row[0])
        return int(row[0])

    def _insert_canary(self, cursor: psycopg2.extensions.cursor) -> tuple[int, str]:
        """Add a rule that is made to fire to what is committed together, and so read together."""
        symbol = f"T{uuid.uuid4().hex[:12].upper()}-USD"
        return self._insert(cursor, symbol, "price_cross", None, {"price": "2", "direction": "up"}), symbol

    async def _until_fired(self, canary: int, symbol: str) -> None:
        """Let the canary's price rise through its level, again and again, until that is told."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.fired(canary):
                low, high = self._moment, self._moment + 3 * SECOND
                self._moment += 6 * SECOND
                await self._market.publish([trade_at(symbol, low, 1, "1"), trade_at(symbol, high, 2, "3")])
                await asyncio.sleep(0.2)

    def _count(self, statement: str, *parameters: object) -> int:
        with self._database, self._database.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.rowcount
