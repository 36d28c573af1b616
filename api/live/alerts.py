"""Asks PostgreSQL for alerts that have fired, and gives the hub those of symbols that clients follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from api.database import Database
from api.live.hub import Hub
from api.live.messages import Alert, alert_message
from api.live.topics import Topic
from db.models import AlertEvent

POLL_SECONDS = 0.5
# A row becomes visible some time after its `created_at`: when its transaction is committed.
OVERLAP = timedelta(seconds=30)
ROWS_PER_LOOK = 1_000

Key = tuple[int, str, datetime]


class AlertWatch:
    """Looks at the newest alerts; those from before the first look are not told."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._since: datetime | None = None
        self._seen: dict[Key, datetime] = {}

    async def look(self) -> None:
        """Look once; raises :class:`DatabaseUnavailableError` or :class:`OverloadedError`."""
        if self._since is None:
            await self._begin()
            return
        for row in await self._created_after(self._since - OVERLAP):
            key = (row.rule_id, row.symbol, row.event_time)
            if key not in self._seen:
                self._publish(row)
            self._seen[key] = row.created_at
            self._since = max(self._since, row.created_at)
        self._seen = {key: at for key, at in self._seen.items() if at > self._since - OVERLAP}

    async def _begin(self) -> None:
        now = (await self._database.rows(select(func.now())))[0][0]
        rows = await self._created_after(now - OVERLAP)
        self._seen = {(row.rule_id, row.symbol, row.event_time): row.created_at for row in rows}
        self._since = now

    async def _created_after(self, since: datetime) -> list[Row[Any]]:
        columns = (
            AlertEvent.rule_id,
            AlertEvent.symbol,
            AlertEvent.event_time,
            AlertEvent.message,
            AlertEvent.value,
            AlertEvent.created_at,
        )
        return list(
            await self._database.rows(
                select(*columns)
                .where(AlertEvent.created_at > since)
                .order_by(AlertEvent.created_at)
                .limit(ROWS_PER_LOOK)
            )
        )

    def _publish(self, row: Row[Any]) -> None:
        alert = Alert(row.rule_id, row.symbol, row.event_time, row.message, row.value)
        self._hub.publish(Topic("alerts", row.symbol), alert_message(alert))
