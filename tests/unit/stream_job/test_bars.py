"""When a bar is finished, so that it may become a candle."""

from datetime import date
from decimal import Decimal

import pytest

from producer.bars import Bar, Interval, day_start, encode_bars
from stream_job.bars.message import read_message

BEGIN = day_start(date(2024, 11, 29))
MINUTE = 60_000_000  # microseconds
DAY = 24 * 60 * MINUTE
EARLY_CLOSE = BEGIN + 18 * 60 * MINUTE


def bar(interval: Interval, session_end: int | None) -> Bar:
    price = Decimal(7)
    return Bar(
        source="archive",
        symbol="ABC",
        interval=interval,
        bucket_start=BEGIN,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=Decimal(1),
        trading_day="2024-11-29",
        session_end=session_end,
    )


@pytest.mark.parametrize(
    ("interval", "session_end", "end"),
    [
        ("1m", None, BEGIN + MINUTE),
        ("1m", EARLY_CLOSE, BEGIN + MINUTE),
        ("1d", None, BEGIN + DAY),
        ("1d", EARLY_CLOSE, EARLY_CLOSE),
    ],
    ids=["minute", "minute of a session", "day", "day of a session"],
)
def test_a_bar_is_finished_at_its_end_and_not_a_microsecond_before(
    interval: Interval, session_end: int | None, end: int
) -> None:
    ours = bar(interval, session_end)
    arrived, rejected = read_message(encode_bars([ours]), end)
    assert ([one.bar for one in arrived], rejected) == ([ours], [])
    arrived, (refused,) = read_message(encode_bars([ours]), end - 1)
    assert arrived == []
    assert refused.reason == f"bar refused: the bar is not finished: it ends at {end} microseconds since 1970"
