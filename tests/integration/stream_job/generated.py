"""Made-up trades and quotes, the same for the same seed."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from producer.events import MICROSECONDS_PER_SECOND, MarketEvent, to_micros, trade, utc_day

SOURCE = "generated"
# Less than the two seconds of disorder that the job waits for.
DISORDER_MICROS = 1_900_000
# Coarse, so that many trades share a time and only their sequence tells them apart.
TICK_MICROS = 250_000
BARELY = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


def trade_at(
    symbol: str, moment: datetime, sequence: int, price: str = "100.5", size: str = "1"
) -> MarketEvent:
    """One trade."""
    micros = to_micros(moment)
    return trade(
        SOURCE,
        symbol,
        event_time=micros,
        ingest_time=micros + 1_000,
        sequence=sequence,
        price=Decimal(price),
        size=Decimal(size),
    )


def trades(
    symbol: str, start: datetime, *, minutes: int, per_minute: int, seed: int = 1
) -> list[MarketEvent]:
    """Trades in every minute, with a first and a last one in it, in order of time and sequence."""
    chance = random.Random(f"{seed}-{per_minute}")
    price = Decimal("250.000000")
    made: list[MarketEvent] = []
    for minute in range(minutes):
        begin = start + minute * MINUTE
        ticks = sorted(chance.randrange(60_000_000 // TICK_MICROS) for _ in range(per_minute - 2))
        moments = [begin, *(begin + timedelta(microseconds=tick * TICK_MICROS) for tick in ticks)]
        for moment in (*moments, begin + MINUTE - BARELY):
            price = max(price + Decimal(chance.randint(-90_000, 90_000)).scaleb(-6), Decimal(1))
            size = Decimal(chance.randint(1, 5_000_000_000)).scaleb(-8)
            made.append(trade_at(symbol, moment, len(made), str(price), str(size)))
    return made


def disordered(events: list[MarketEvent], seed: int = 1) -> list[MarketEvent]:
    """The events as they might arrive: none is overtaken by one that is two seconds later."""
    chance = random.Random(seed)
    return sorted(events, key=lambda event: event.event_time + chance.randrange(DISORDER_MICROS))


def quote_at(
    symbol: str, moment: datetime, price: str, day_volume: str | None, trading_day: str | None = None
) -> MarketEvent:
    """One polled snapshot; its trading day is the UTC date unless the venue says otherwise."""
    micros = to_micros(moment)
    return MarketEvent(
        event_id=f"{SOURCE}:{symbol}:{micros}",
        source=SOURCE,
        kind="quote",
        symbol=symbol,
        event_time=micros,
        ingest_time=micros + MICROSECONDS_PER_SECOND,
        trading_day=trading_day or utc_day(micros),
        price=Decimal(price),
        day_volume=None if day_volume is None else Decimal(day_volume),
    )
