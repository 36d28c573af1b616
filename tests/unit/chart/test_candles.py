"""What the chart page makes of candles, ticks and gaps."""

from typing import Any

import pytest

from tests.unit.chart.node import evaluate

SECOND = 1_000  # milliseconds


def candle(minute: int, **fields: object) -> dict[str, Any]:
    """A candle of the hour 14:00 as the API gives it."""
    prices = {"open": "100", "high": "102", "low": "99", "close": "101", "volume": "5", "vwap": None}
    flags = {"is_final": True, "is_partial": False, "revision": 3, "origin": "stream", "source": "simulator"}
    return {"bucket_start": f"2026-01-05T14:{minute:02}:00Z", "trade_count": 1, **prices, **flags, **fields}


def merged(*pages: list[dict[str, Any]]) -> Any:
    expression = """{
        const candles = new module.Candles('1m');
        const changed = pages.map(page => candles.merge(page).length);
        const list = candles.list.map(one => [one.bucket_start.slice(14, 16), one.close, one.revision]);
        return { changed, list };
    }"""
    return evaluate("candles.js", expression, pages=pages)


def test_candles_are_in_order_whatever_the_order_they_came_in() -> None:
    found = merged([candle(5), candle(3)], [candle(4), candle(1)])
    assert [minute for minute, *_ in found["list"]] == ["01", "03", "04", "05"]


def test_a_higher_revision_replaces_and_a_lower_one_changes_nothing() -> None:
    found = merged(
        [candle(1, revision=5)], [candle(1, revision=4, close="90")], [candle(1, revision=6, close="95")]
    )
    assert found == {"changed": [1, 0, 1], "list": [["01", "95", 6]]}


def test_a_backfilled_candle_replaces_that_of_the_stream() -> None:
    found = merged(
        [candle(1, revision=5, is_partial=True)], [candle(1, revision=5, origin="backfill", close="90")]
    )
    assert found["list"] == [["01", "90", 5]]


def ticked(row: dict[str, Any], price: str, second: str, late: int = 0, interval: str = "1m") -> Any:
    expression = """{
        const candles = new module.Candles(interval);
        candles.merge([row]);
        const tick = { event_time: `2026-01-05T14:${second}Z`, price, seen: 0 };
        return module.withTick(candles.last, tick, interval, late);
    }"""
    return evaluate(
        "candles.js", expression, row=row, price=price, second=second, late=late, interval=interval
    )


@pytest.mark.parametrize(
    ("price", "high", "low"), [("103.5", "103.5", "99"), ("98.5", "102", "98.5"), ("100.5", "102", "99")]
)
def test_a_tick_moves_the_unfinished_candle(price: str, high: str, low: str) -> None:
    found = ticked(candle(1, is_final=False), price, "01:30.5")
    assert (found["close"], found["high"], found["low"], found["volume"]) == (price, high, low, "5")


def test_a_tick_of_the_next_minute_begins_an_unfinished_candle_without_volume() -> None:
    found = ticked(candle(1), "103", "02:00.25")
    assert (found["open"], found["close"], found["volume"], found["is_final"]) == ("103", "103", "0", False)
    assert found["bucket_start"].startswith("2026-01-05T14:02:00")


def test_a_finished_candle_is_not_moved_by_a_late_tick() -> None:
    assert ticked(candle(1), "500", "01:59")["close"] == "101"
    assert ticked(candle(1), "500", "00:59")["close"] == "101"


def test_the_candle_alone_counts_when_the_job_must_have_the_tick() -> None:
    assert ticked(candle(1, is_final=False), "103", "01:30", late=2 * SECOND)["close"] == "103"
    assert ticked(candle(1, is_final=False), "103", "01:30", late=3 * SECOND)["close"] == "101"


def test_a_tick_never_begins_a_day_for_the_venue_alone_knows_when() -> None:
    day = candle(0, is_final=False, bucket_start="2026-01-05T00:00:00Z")
    assert ticked(day, "103", "30:00", interval="1d")["bucket_start"] == day["bucket_start"]
    assert ticked(day, "103", "30:00", interval="1d")["close"] == "103"


@pytest.mark.parametrize(("interval", "start"), [("1d", "2026-01-04"), ("1w", "2025-12-29")])
def test_a_tick_that_may_be_of_the_next_day_or_week_is_left_to_the_job(interval: str, start: str) -> None:
    before = candle(0, is_final=False, bucket_start=f"{start}T00:00:00Z")
    found = ticked(before, "103", "30:00", interval=interval)
    assert (found["bucket_start"], found["close"]) == (before["bucket_start"], before["close"])


@pytest.mark.parametrize(
    ("interval", "start", "tick", "bucket"),
    [
        ("30m", "14:00", "29:59", "14:00"),
        ("30m", "14:00", "30:00", "14:30"),
        ("4h", "12:00", "59:59", "12:00"),
        ("4h", "08:00", "00:00", "12:00"),
    ],
)
def test_a_tick_of_a_multiple_is_in_the_bucket_in_which_the_api_has_it(
    interval: str, start: str, tick: str, bucket: str
) -> None:
    before = candle(0, is_final=False, bucket_start=f"2026-01-05T{start}:00Z")
    found = ticked(before, "103", tick, interval=interval)
    assert (found["bucket_start"][11:16], found["close"]) == (bucket, "103")


def test_an_answer_that_was_overtaken_does_not_make_a_finished_candle_unfinished() -> None:
    finished, overtaken = candle(1, close="102"), candle(1, is_final=False)
    assert merged([overtaken], [finished])["list"] == [["01", "102", 3]]
    assert merged([finished], [overtaken])["list"] == [["01", "102", 3]]


def test_a_gap_is_as_wide_as_the_candles_that_it_lacks() -> None:
    expression = """{
        const candles = new module.Candles('1m');
        candles.merge(rows);
        const [started_at, ended_at] = ['2026-01-05T14:02:10Z', '2026-01-05T14:05:30Z'];
        const gaps = [{ started_at, ended_at, reason: 'silence' }];
        const empty = module.emptyBuckets(candles, module.bandsOf(gaps, 0));
        return empty.map(time => new Date(time * 1000).toISOString().slice(14, 16));
    }"""
    assert evaluate("candles.js", expression, rows=[candle(1), candle(2), candle(5), candle(9)]) == [
        "03",
        "04",
    ]


def test_the_weeks_of_a_gap_begin_on_mondays() -> None:
    expression = """{
        const candles = new module.Candles('1w');
        candles.merge(rows);
        const gap = { from: candles.first.time + 86_400, to: candles.last.time, reason: 'silence' };
        const empty = module.emptyBuckets(candles, [gap]);
        return empty.map(time => new Date(time * 1000).toISOString().slice(0, 10));
    }"""
    weeks = [candle(0, bucket_start=f"2026-01-{day}T00:00:00Z") for day in ("05", "26")]
    assert evaluate("candles.js", expression, rows=weeks) == ["2026-01-12", "2026-01-19"]


def test_no_room_is_left_for_a_gap_of_a_month() -> None:
    expression = """{
        const candles = new module.Candles('1m');
        candles.merge(rows);
        const whole = { from: candles.first.time, to: candles.last.time, reason: 'silence' };
        return module.emptyBuckets(candles, [whole]);
    }"""
    month = [candle(0, bucket_start="2026-01-01T00:00:00Z"), candle(0, bucket_start="2026-02-01T00:00:00Z")]
    assert evaluate("candles.js", expression, rows=month) == []
