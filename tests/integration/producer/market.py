"""Events of a test's own making."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from producer.events import MarketEvent, trade
from tests.stack import RunningStack

START = 1_700_000_000_000_000


def made(symbol: str, numbers: range) -> list[MarketEvent]:
    """Trades of one symbol, a millisecond apart, with these sequence numbers."""
    return [
        trade(
            "venue",
            symbol,
            event_time=START + number * 1_000,
            ingest_time=START,
            sequence=number,
            price=Decimal(100 + number) / 100,
            size=Decimal("0.25"),
        )
        for number in numbers
    ]


def store_candle(stack: RunningStack, symbol: str, minute: datetime) -> None:
    """Put a whole one-minute candle into the database, as the job would have."""
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume,"
            " trade_count, is_final, is_partial, revision, origin, updated_at)"
            " VALUES (%s, '1m', %s, 'test', 1, 1, 1, 1, 0, 1, true, false, 2, 'stream', now())",
            (symbol, minute),
        )
    connection.close()
