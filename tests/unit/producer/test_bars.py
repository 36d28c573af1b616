"""A bar travels digit for digit, and a message of the same bars has the same id."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from producer.bars import Bar, Interval, bars_message_id, day_start, decode_bars, encode_bars
from producer.errors import Never, ProviderError
from producer.providers.history import provider


def bar(interval: Interval = "1d", session_end: int | None = None, close: str = "0.10") -> Bar:
    return Bar(
        source="archive",
        symbol="ABC",
        interval=interval,
        bucket_start=day_start(date(2024, 11, 29)),
        open=Decimal(1),
        high=Decimal("123456789.123456789012345678"),
        low=Decimal("0.000000000000000001"),
        close=Decimal(close),
        volume=Decimal(0),
        trading_day="2024-11-29",
        session_end=session_end,
    )


def test_prices_are_json_numbers_with_every_digit_and_what_is_unknown_is_absent() -> None:
    body = encode_bars([bar()])
    assert b'"high":123456789.123456789012345678' in body
    assert b'"close":0.10' in body
    assert b"vwap" not in body
    assert decode_bars(body) == [bar()]


def test_the_id_of_a_message_follows_from_its_bars() -> None:
    assert bars_message_id(encode_bars([bar()])) == bars_message_id(encode_bars([bar()]))
    assert bars_message_id(encode_bars([bar()])) != bars_message_id(encode_bars([bar(close="0.11")]))


def test_a_day_ends_with_its_session_and_anything_else_with_its_bucket() -> None:
    midnight = day_start(date(2024, 11, 29))
    assert bar("1m").end == midnight + 60_000_000
    assert bar("1d").end == midnight + 86_400_000_000
    assert bar("1d", session_end=midnight + 5).end == midnight + 5


async def uncounted() -> None:
    """Nobody counts what is read from a file."""


async def history(symbol: str) -> list[Bar]:
    source = provider().bars
    assert source is not None
    extent = source.extent
    assert extent is not None
    return await source.bars(symbol, "1d", extent.start, extent.end, uncounted)


async def test_the_bundled_history_is_what_the_exchange_saw_unadjusted() -> None:
    bars = await history("AAPL")
    assert (len(bars), bars[0].trading_day, bars[-1].trading_day) == (3270, "2000-03-01", "2013-03-01")
    assert [bar.close for bar in bars if bar.trading_day in {"2005-02-25", "2005-02-28"}] == [
        *(Decimal("88.99"), Decimal("44.86"))  # the split
    ]
    assert [len(await history(symbol)) for symbol in ("FB", "GOOG", "IBM", "MSFT")] == [196, 2148, 3270, 3270]


async def test_the_bundled_history_refuses_a_symbol_that_it_has_not() -> None:
    with pytest.raises(ProviderError, match="has no 1d bars of 'TSLA'") as refusal:
        await history("TSLA")
    assert refusal.value.retry == Never("symbol")
