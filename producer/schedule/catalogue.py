"""Every job there is, for the providers as they are configured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from datetime import UTC, timedelta
from functools import partial

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from producer.database import Database
from producer.events import clock_micros
from producer.gaps.ledger import GapLedger
from producer.providers.protocol import Provider
from producer.schedule.backfilling import Fill
from producer.schedule.bars import fetch_daily_bars, has_new_daily_bars, refresh_daily_bars
from producer.schedule.completion import Completion
from producer.schedule.gap_filling import GapFilling
from producer.schedule.job import Job
from producer.schedule.retention import forget_old_runs
from producer.schedule.triggers import AfterClose
from producer.settings import ProducerSettings

# The watermark has passed the hour by then, and its candle is written.
MINUTE_OF_FORECASTS = 2
FOR_BARS_TO_ARRIVE = timedelta(minutes=10)


def jobs(
    settings: ProducerSettings,
    providers: Mapping[str, Provider],
    is_running: Callable[[str], bool],
    fill: Fill,
    gaps: GapLedger,
    database: Database,
    check_health: Callable[[], Awaitable[str]],
    forecast: Callable[[str, str | None], Awaitable[str]],
) -> list[Job]:
    """Return the jobs; ``is_running`` says whether a feed runs, without which no bars are asked for.

    ``forecast`` forecasts the series of an interval, and of one calendar or all.
    """
    days = settings.schedule_runs_retention_days
    filling = GapFilling(gaps, providers, fill, clock_micros)
    completion = Completion(database, providers, fill, clock_micros)
    found = [
        Job(
            "check-health",
            "Check PostgreSQL, RabbitMQ and the servers of the feeds that run; it costs no call.",
            IntervalTrigger(minutes=settings.schedule_check_health_minutes, timezone=UTC),
            check_health,
        ),
        Job(
            "fill-gaps",
            "Order backfills for gaps whose source has minutes of the past.",
            IntervalTrigger(minutes=settings.schedule_fill_gaps_minutes, timezone=UTC),
            filling.fill_open_gaps,
        ),
        Job(
            "complete-candles",
            "Order backfills for candles of the last two days in which a feed began or broke.",
            CronTrigger(minute=20, timezone=UTC),
            completion.complete_candles,
        ),
        Job(
            "forget-old-runs",
            f"Delete runs and counts of calls that are more than {days} days old.",
            CronTrigger(hour=3, minute=30, timezone=UTC),
            lambda: forget_old_runs(database, clock_micros(), days),
        ),
    ]
    for name, provider in providers.items():
        if has_new_daily_bars(provider):
            found += _of_daily_bars(settings, name, providers, is_running, fill)
    if settings.forecasts_enabled:
        found += _of_forecasts(settings, {one.source.calendar for one in providers.values()}, forecast)
    return found


def _of_forecasts(
    settings: ProducerSettings, calendars: Set[str], forecast: Callable[[str, str | None], Awaitable[str]]
) -> list[Job]:
    after_bars = timedelta(minutes=settings.schedule_daily_bars_delay_minutes) + FOR_BARS_TO_ARRIVE
    return [
        Job(
            "forecast-1h",
            "Score what has come true, and forecast the next hour of every symbol.",
            CronTrigger(minute=MINUTE_OF_FORECASTS, timezone=UTC),
            partial(forecast, "1h", None),
        ),
        *(
            Job(
                # A job's name is one step of a path.
                f"forecast-1d-{calendar.replace('/', '-')}",
                f"Score what has come true, and forecast the next day, after each close of {calendar}.",
                AfterClose(calendar, after_bars),
                partial(forecast, "1d", calendar),
            )
            for calendar in sorted(calendars)
        ),
    ]


def _of_daily_bars(
    settings: ProducerSettings,
    name: str,
    providers: Mapping[str, Provider],
    is_running: Callable[[str], bool],
    fill: Fill,
) -> list[Job]:
    async def unless_stopped(work: Callable[[], Awaitable[str]]) -> str:
        if providers[name].feed is not None and not is_running(name):
            return f"The feed {name} does not run, so nothing is asked for."
        return await work()

    async def fetch() -> str:
        return await unless_stopped(lambda: fetch_daily_bars(providers[name], fill, clock_micros()))

    async def refresh() -> str:
        days = settings.schedule_refresh_days
        return await unless_stopped(lambda: refresh_daily_bars(providers[name], fill, clock_micros(), days))

    calendar, meter = providers[name].source.calendar, providers[name].meter
    delay = timedelta(minutes=settings.schedule_daily_bars_delay_minutes)
    # A polled feed has spent the calls of the UTC day by the close.
    has_daily_quota = meter is not None and meter.budget.calls_a_day is not None
    when = "the midnight UTC after each close" if has_daily_quota else "each close"
    return [
        Job(
            f"daily-bars-{name}",
            f"Fetch the daily bars that are missing, after {when} of {calendar}.",
            AfterClose(calendar, delay, next_utc_day=has_daily_quota),
            fetch,
        ),
        Job(
            f"refresh-{name}",
            f"Fetch the daily bars of the last {settings.schedule_refresh_days} days again, on Saturdays.",
            CronTrigger(day_of_week="sat", hour=6, timezone=UTC),
            refresh,
        ),
    ]
