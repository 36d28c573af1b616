"""Symbols, candles and alerts, written as the producer and the job write them; and events."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from producer.events import MarketEvent, clock_micros, trade
from tests.stack import RunningStack


class Market:
    """Writes into the database what belongs to symbols that no other test has used."""

    def __init__(self, stack: RunningStack) -> None:
        self._connection = stack.psycopg("market_writer")
        self._connection.autocommit = True

    def close(self) -> None:
        self._connection.close()

    def follow(self, count: int = 1) -> list[str]:
        """Make so many new symbols."""
        symbols = [f"L{uuid.uuid4().hex[:12].upper()}-USD" for _ in range(count)]
        self._write(
            "INSERT INTO data_sources (name, kind, description) VALUES ('live-test', 'live', 'A test.') "
            "ON CONFLICT DO NOTHING"
        )
        for symbol in symbols:
            self._write(
                "INSERT INTO assets (symbol, asset_class, source, calendar) "
                "VALUES (%s, 'crypto', 'live-test', '24/7')",
                symbol,
            )
        return symbols

    def candle(
        self,
        symbol: str,
        start: datetime,
        revision: int,
        close: str,
        *,
        is_final: bool = False,
        interval: str = "1m",
    ) -> None:
        """Write a candle, or a higher revision of it."""
        self._write(
            "INSERT INTO candles AS present (symbol, interval, bucket_start, source, open, high, low, close, "
            "volume, vwap, trade_count, is_final, is_partial, revision, origin, updated_at) "
            "VALUES (%s, %s, %s, 'live-test', 1, 1000, 1, %s, 2.50, NULL, 1, %s, false, %s, 'stream', "
            "now()) "
            "ON CONFLICT (symbol, interval, bucket_start) DO UPDATE SET close = EXCLUDED.close, "
            "is_final = EXCLUDED.is_final, revision = EXCLUDED.revision "
            "WHERE EXCLUDED.revision > present.revision",
            *(symbol, interval, start, close, is_final, revision),
        )

    def alert(self, symbol: str, event_time: datetime, message: str) -> None:
        """Let a new rule fire."""
        self._write(
            "WITH rule AS (INSERT INTO alert_rules (name, symbol, kind, parameters) "
            "VALUES ('A rule', %s, 'price_cross', '{}') RETURNING id) "
            "INSERT INTO alert_events (rule_id, symbol, event_time, message, value) "
            "SELECT id, %s, %s, %s, 101.5 FROM rule",
            *(symbol, symbol, event_time, message),
        )

    def _write(self, statement: str, *values: object) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)


def trades(symbols: Sequence[str], number: int) -> list[MarketEvent]:
    """One trade of each symbol, at the price `number`."""
    now = clock_micros()
    return [
        trade(
            *("live-test", symbol),
            event_time=now,
            ingest_time=now,
            sequence=number,
            price=Decimal(number),
            size=Decimal("0.25"),
        )
        for symbol in symbols
    ]
