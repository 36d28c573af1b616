"""Alerts as the job writes them, what became of them, and a delivery of a test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2.extensions
from psycopg2.extras import RealDictCursor
from pydantic import SecretStr

from db.settings import DatabaseSettings
from stream_job.alert_delivery.backoff import Backoff
from stream_job.alert_delivery.dispatcher import Channel, Dispatcher
from stream_job.alert_delivery.mail import EmailChannel
from stream_job.alert_delivery.settings import AlertSettings
from stream_job.alert_delivery.store import DeliveryStore
from stream_job.alert_delivery.webhook import WebhookChannel
from tests.integration.producer.waiting import WAIT_SECONDS

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
AT_ONCE = Backoff(first=timedelta(milliseconds=20), factor=1)
ONCE = Backoff(attempts=1)


@dataclass
class Desk:
    """The tables of alerts, written and read as they are."""

    connection: psycopg2.extensions.connection
    symbol: str

    def rule(self, **delivery: str) -> int:
        """A rule with a delivery; returns its number."""
        (row,) = self.query(
            "INSERT INTO alert_rules (name, symbol, kind, parameters, delivery)"
            " VALUES ('high', %s, 'price_cross', '{\"price\": \"7\"}', %s) RETURNING id",
            self.symbol,
            json.dumps(delivery),
        )
        return int(row["id"])

    def fire(self, rule_id: int, count: int = 1) -> None:
        """Let a rule fire so often, in one statement, as the job writes."""
        self.query(
            "INSERT INTO alert_events (rule_id, symbol, event_time, message, value)"
            " SELECT %s, %s, %s + number * interval '1 second', 'rose to 7, time ' || number, 7"
            " FROM generate_series(0, %s) AS number",
            *(rule_id, self.symbol, NOON, count - 1),
        )

    def deliveries(self, rule_id: int) -> list[dict[str, Any]]:
        """Return the deliveries of a rule in the order of events, then channels."""
        return self.query(
            "SELECT * FROM alert_deliveries WHERE rule_id = %s ORDER BY event_time, channel", rule_id
        )

    def events(self, rule_id: int) -> list[dict[str, Any]]:
        """Return what has fired."""
        return self.query("SELECT * FROM alert_events WHERE rule_id = %s ORDER BY event_time", rule_id)

    async def deliveries_when(
        self, rule_id: int, is_so: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        """Look at the deliveries of a rule until they are as told, and return them."""
        found = self.deliveries(rule_id)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not is_so(found):
                    await asyncio.sleep(0.02)
                    found = self.deliveries(rule_id)
        except TimeoutError:
            raise AssertionError(f"in vain, the deliveries are {found}") from None
        return found

    async def ended(self, rule_id: int) -> list[dict[str, Any]]:
        """Wait until nothing of a rule is pending."""
        return await self.deliveries_when(
            rule_id, lambda found: all(one["status"] != "pending" for one in found)
        )

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Run a statement in a transaction of its own, and return the rows that it has."""
        with self.connection, self.connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(sql, values)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []


@dataclass
class Deliveries:
    """How a test delivers alerts."""

    database: DatabaseSettings
    mail: AlertSettings = field(default_factory=lambda: AlertSettings.model_validate({}))
    backoff: Backoff = AT_ONCE
    webhook_seconds: float = WAIT_SECONDS
    on_dead: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[DeliveryStore]:
        """Deliver for as long as the context lasts; yields what the deliveries are kept in."""
        store = DeliveryStore(self.database)
        channels: Mapping[str, Channel] = {
            "webhook": WebhookChannel([SecretStr(SECRET)], self.webhook_seconds),
            "email": EmailChannel(self.mail, WAIT_SECONDS),
        }
        dispatcher = Dispatcher(self.database, store, channels, lambda: self.on_dead(), self.backoff)
        delivering = asyncio.create_task(dispatcher.run())
        try:
            yield store
        finally:
            dispatcher.stop()
            async with asyncio.timeout(WAIT_SECONDS):
                await delivering
            for channel in channels.values():
                await channel.close()
            await store.close()
