"""Cursors come back as they went out, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidRequestError
from api.rest import cursors


class Key(msgspec.Struct, array_like=True):
    time: cursors.Time
    id: str
    number: cursors.Number = 0


times = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(time=times, text=st.text(st.characters(codec="utf-8"), max_size=100), number=st.integers(0, 2**63 - 1))
def test_a_cursor_holds_the_key_of_a_row(time: datetime, text: str, number: int) -> None:
    key = Key(time, text, number)
    assert cursors.decoded(cursors.encoded("list", key), "list", Key) == key


@given(st.text(max_size=200))
def test_what_is_no_cursor_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"cursor: .* no cursor to begin"):
        cursors.decoded(text, "list", Key)


@pytest.mark.parametrize("time", ['"2026-01-05T14:30:00"', '"9999-12-31T00:00:00Z"', "1"])
def test_a_time_that_cannot_be_counted_with_is_refused(time: str) -> None:
    class Raw(msgspec.Struct, array_like=True):
        time: msgspec.Raw
        id: str

    forged = cursors.encoded("list", Raw(msgspec.Raw(time.encode()), "x"))
    with pytest.raises(InvalidRequestError, match="cursor: "):
        cursors.decoded(forged, "list", Key)


def test_a_cursor_of_another_list_is_told_apart() -> None:
    cursor = cursors.encoded("candles/A/1m/asc", Key(datetime(2026, 1, 5, tzinfo=UTC), "x"))
    with pytest.raises(InvalidRequestError, match="belongs to the list 'candles/A/1m/asc'"):
        cursors.decoded(cursor, "candles/A/1m/desc", Key)
