from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.dead_letters.letter import DeadLetter, symbol_in

BODY = b'{"symbol": "BTC-USD", "kind": "trade", "price": -1}'
HEADERS: dict[str, object] = {
    "x-reason": "price is -1, must be above 0",
    "x-source-queue": "market.events.2",
    "x-source-offset": 90_000_000_000,
    "x-event-index": 7,
    "x-rejected-at": 1_723_161_600_123_456,
    "x-original-message-id": "batch-1",
}


def test_every_header_of_the_job_is_read() -> None:
    letter = DeadLetter.read(3, {**HEADERS, "x-delivery-count": 4}, BODY, "own-id")
    assert (letter.number, letter.message_id, letter.original_message_id) == (3, "own-id", "batch-1")
    assert letter.reason == "price is -1, must be above 0"
    assert (letter.source_queue, letter.source_offset, letter.event_index) == (
        "market.events.2",
        90_000_000_000,
        7,
    )
    assert letter.rejected_at == datetime(2024, 8, 9, 0, 0, 0, 123_456, tzinfo=UTC)
    assert (letter.symbol, letter.looks, letter.size) == ("BTC-USD", 4, len(BODY))


def test_the_id_stays_the_same_for_a_second_rejection_of_the_same_event() -> None:
    again = {**HEADERS, "x-rejected-at": 1, "x-reason": "said otherwise", "x-delivery-count": 3}
    assert DeadLetter.read(1, HEADERS, BODY).letter_id == DeadLetter.read(9, again, BODY, "x").letter_id


@pytest.mark.parametrize(
    "change",
    [
        {"x-source-queue": "market.events.3"},
        {"x-source-offset": 5},
        {"x-event-index": 8},
        {"x-event-index": None},
        {"x-original-message-id": "batch-2"},
    ],
)
def test_the_id_differs_for_another_place(change: dict[str, object]) -> None:
    assert (
        DeadLetter.read(1, HEADERS, BODY).letter_id
        != DeadLetter.read(1, {**HEADERS, **change}, BODY).letter_id
    )


def test_the_id_differs_for_another_body() -> None:
    assert DeadLetter.read(1, HEADERS, BODY).letter_id != DeadLetter.read(1, HEADERS, BODY + b" ").letter_id


def test_a_message_without_any_header_is_still_a_letter() -> None:
    letter = DeadLetter.read(1, {}, b"")
    assert (letter.reason, letter.source_queue, letter.rejected_at, letter.symbol) == (None, None, None, None)


@pytest.mark.parametrize("micros", [2**62, -(2**62), "yesterday", True, None])
def test_an_impossible_time_of_rejection_is_unknown(micros: object) -> None:
    assert DeadLetter.read(1, {"x-rejected-at": micros}, b"").rejected_at is None


@pytest.mark.parametrize(
    ("body", "symbol"),
    [
        (b'{"symbol":"AAPL","price":', "AAPL"),
        (b'[{"symbol": "AAPL"}, {"symbol": "AAPL"}]', "AAPL"),
        (b'[{"symbol": "AAPL"}, {"symbol": "MSFT"}]', None),
        (b'{"symbol": null}', None),
        (b'{"symbol": "' + b"A" * 10_000 + b'"}', None),
        (b"\xff\x00", None),
    ],
)
def test_the_symbol_is_told_where_the_body_names_exactly_one(body: bytes, symbol: str | None) -> None:
    assert symbol_in(body) == symbol


@given(
    st.dictionaries(
        st.sampled_from(sorted(HEADERS)),
        st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.integers()),
    ),
    st.binary(),
)
def test_no_header_and_no_body_makes_reading_fail(headers: dict[str, object], body: bytes) -> None:
    assert DeadLetter.read(1, headers, body).size == len(body)
