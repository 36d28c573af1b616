"""The candle after the newest one, by the venue's calendar."""

from __future__ import annotations

from datetime import datetime

from producer.backfill.missing import Window, expected_buckets
from producer.bars import INTERVAL_MICROS
from producer.events import MICROSECONDS_PER_DAY, to_datetime, to_micros
from producer.trading_day import ALWAYS_OPEN, sessions
from stream_job.forecasts.horizon import ForecastInterval

# Longer than any venue is closed.
AHEAD_MICROS = 30 * MICROSECONDS_PER_DAY


def next_bucket(calendar: str, interval: ForecastInterval, newest: datetime) -> datetime:
    """Return the start of the first candle after ``newest`` in which the venue is open.

    Raises ValueError where exchange_calendars doesn't know the calendar or the year.
    """
    start = to_micros(newest) + INTERVAL_MICROS[interval]
    end = start + AHEAD_MICROS
    buckets = expected_buckets(calendar, interval, Window(start, end), end + AHEAD_MICROS)
    if not buckets:
        raise ValueError(f"The calendar {calendar!r} has no session within 30 days after {newest:%Y-%m-%d}.")
    return to_datetime(buckets[0])


def end_of(calendar: str, interval: ForecastInterval, bucket_start: datetime) -> datetime:
    """Return when a candle has ended: a day with the venue's session, if there was one on that date."""
    start = to_micros(bucket_start)
    end = start + INTERVAL_MICROS[interval]
    if interval == "1d" and calendar != ALWAYS_OPEN:
        held = sessions(calendar, start, end)
        end = held[0].closes if held else end
    return to_datetime(end)
