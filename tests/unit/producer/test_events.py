"""The codec: what goes over the wire is exact."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.events import (
    MarketEvent,
    decode_events,
    encode_events,
    feed_begin,
    feed_break,
    heartbeat,
    to_datetime,
    to_micros,
    trade,
    utc_day,
)

MICROS = to_micros(datetime(2024, 8, 9, 0, 0, 1, 550_000, tzinfo=UTC))

numbers = st.decimals(min_value=0, max_value=10**20, places=18, allow_nan=False, allow_infinity=False)
times = st.integers(min_value=to_micros(datetime(2000, 1, 1, tzinfo=UTC)), max_value=2**52)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
events = st.builds(
    MarketEvent,
    event_id=texts,
    source=texts,
    kind=st.sampled_from(["trade", "quote", "heartbeat", "break"]),
    event_time=times,
    ingest_time=times,
    trading_day=st.dates().map(str),
    symbol=st.none() | texts,
    sequence=st.none() | st.integers(0, 2**62),
    price=st.none() | numbers,
    size=st.none() | numbers,
    day_volume=st.none() | numbers,
    bid=st.none() | numbers,
    ask=st.none() | numbers,
)


@given(st.lists(events, max_size=20))
def test_what_is_encoded_is_decoded_to_equal_events(originals: list[MarketEvent]) -> None:
    assert decode_events(encode_events(originals)) == originals


@given(numbers)
def test_a_price_is_written_as_a_json_number_with_its_exact_value(price: Decimal) -> None:
    body = encode_events([_trade(price)])
    (written,) = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    assert written["price"] == price


def test_a_price_keeps_the_digits_of_the_venue() -> None:
    assert b'"price":2682.51000000,' in encode_events([_trade(Decimal("2682.51000000"))])


def test_absent_fields_are_not_written() -> None:
    (written,) = json.loads(encode_events([heartbeat("venue", MICROS, MICROS + 5)]))
    assert written == {
        "event_id": f"venue:heartbeat:{MICROS}",
        "source": "venue",
        "kind": "heartbeat",
        "event_time": MICROS,
        "ingest_time": MICROS + 5,
        "trading_day": "2024-08-09",
    }


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="kind"):
        decode_events(encode_events([_trade(Decimal(1))]).replace(b'"trade"', b'"rumour"'))


def test_the_event_id_of_a_trade_names_source_symbol_and_sequence() -> None:
    assert _trade(Decimal(1)).event_id == "venue:ETH-USDT:17"


@given(times)
def test_times_convert_to_datetimes_and_back_without_loss(micros: int) -> None:
    assert to_micros(to_datetime(micros)) == micros


@given(times)
def test_the_trading_day_is_the_utc_date(micros: int) -> None:
    assert utc_day(micros) == to_datetime(micros).date().isoformat()


@given(times)
def test_a_feed_begins_with_a_break_in_the_minute_before(micros: int) -> None:
    begin = to_datetime(feed_begin("venue", "X", micros, micros).event_time)
    first = to_datetime(micros)
    assert begin < first
    assert 0 < (first.replace(second=0, microsecond=0) - begin).total_seconds() < 60


def test_a_break_and_a_trade_of_one_time_have_different_ids() -> None:
    assert feed_break("venue", "X", 17, 17).event_id != _trade(Decimal(1)).event_id


def _trade(price: Decimal) -> MarketEvent:
    return trade(
        "venue",
        "ETH-USDT",
        event_time=MICROS,
        ingest_time=MICROS,
        sequence=17,
        price=price,
        size=Decimal("0.0046"),
    )
