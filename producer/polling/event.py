"""The event of a polled quote."""

from __future__ import annotations

from decimal import Decimal

from producer.events import MarketEvent
from producer.trading_day import trading_day


def quote_event(
    source: str,
    calendar: str,
    symbol: str,
    *,
    event_time: int,
    ingest_time: int,
    price: Decimal,
    day_volume: Decimal | None,
    day_open: Decimal | None,
    day_high: Decimal | None,
    day_low: Decimal | None,
    previous_close: Decimal | None,
    market_cap: Decimal | None = None,
) -> MarketEvent:
    """Build a quote of a venue with sessions; ``day_volume`` is cumulative.

    A quote has no number, and a venue may correct one without a new time. So its id names price and
    volume, too: a quote that repeats unchanged is the same event, and a corrected one is another.
    """
    day = trading_day(calendar, event_time)
    return MarketEvent(
        event_id=f"{source}:{symbol}:{event_time}:{_digits(price)}:{_digits(day_volume)}",
        source=source,
        kind="quote",
        event_time=event_time,
        ingest_time=ingest_time,
        trading_day=day.date,
        session_end=day.session_end,
        symbol=symbol,
        price=price,
        day_volume=day_volume,
        day_open=day_open,
        day_high=day_high,
        day_low=day_low,
        previous_close=previous_close,
        market_cap=market_cap,
    )


def _digits(number: Decimal | None) -> str:
    """Write a number in the one way that does not depend on how it was written: 268 and 268.0 are equal."""
    text = "" if number is None else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
