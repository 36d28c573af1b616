"""The sentences in which the schedule tells what forecasting has come to, and when it is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from producer.providers.history import provider as history
from producer.schedule.catalogue import jobs
from producer.schedule.forecasting import Report, ReportedForecast, summary
from producer.schedule.job import Job
from producer.settings import ProducerSettings

Unused: Any = None


def planned(**settings: object) -> dict[str, Job]:
    made = jobs(
        ProducerSettings(**settings),  # type: ignore[arg-type]
        {"history": history()},
        Unused,
        Unused,
        Unused,
        Unused,
        Unused,
        said,
    )
    return {job.name: job for job in made}


async def said(interval: str, calendar: str | None) -> str:
    return f"{interval} of {calendar}"


def test_the_next_hour_is_forecast_when_the_hour_before_is_written() -> None:
    job = planned()["forecast-1h"]
    now = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
    assert job.trigger.get_next_fire_time(None, now) == datetime(2026, 1, 5, 13, 2, tzinfo=UTC)


def test_the_next_day_is_forecast_after_the_close_when_its_bars_have_come() -> None:
    job = planned()["forecast-1d-XNYS"]
    half_day = datetime(2024, 11, 29, 12, tzinfo=UTC)
    assert job.trigger.get_next_fire_time(None, half_day) == datetime(2024, 11, 29, 18, 40, tzinfo=UTC)


async def test_each_job_forecasts_its_own_interval_and_calendar() -> None:
    made = planned()
    works: dict[str, Callable[[], Awaitable[str]]] = {name: job.work for name, job in made.items()}
    assert await works["forecast-1h"]() == "1h of None"
    assert await works["forecast-1d-XNYS"]() == "1d of XNYS"


def test_forecasts_can_be_switched_off() -> None:
    assert not [name for name in planned(forecasts_enabled=False) if name.startswith("forecast")]


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (Report(0, [], {}, {}, []), "0 series forecast, 0 forecasts scored."),
        (
            Report(
                5, [ReportedForecast("A", "1h", "naive"), ReportedForecast("B", "1h", "ridge")], {}, {}, []
            ),
            "2 series forecast, 5 forecasts scored. No model beats the naive one for 1.",
        ),
        (
            Report(0, [], {"A 1h": "A 1h: 3 candles, 60 are needed."}, {}, ["B 1h", "C 1h"]),
            (
                "0 series forecast, 0 forecasts scored. Left out: A 1h: 3 candles, 60 are needed. "
                "Left for the next run, as time was up: 2."
            ),
        ),
        (
            Report(0, [], {str(number): f"{number}." for number in range(8)}, {}, []),
            "0 series forecast, 0 forecasts scored. Left out: 0. 1. 2. 3. 4. And 3 more.",
        ),
    ],
)
def test_a_run_is_told_in_some_sentences(report: Report, sentence: str) -> None:
    assert summary(report) == sentence
