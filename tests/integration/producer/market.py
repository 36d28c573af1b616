"""Events of a test's own making."""

from __future__ import annotations

from decimal import Decimal

from producer.events import MarketEvent, trade

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
