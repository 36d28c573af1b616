"""The jobs that forecast the next candle, in a process of their own: training would hold up the feeds."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from db.settings import PASSWORD_SETTING, DatabaseSettings
from producer.errors import JobFailedError

REPOSITORY = Path(__file__).parents[2]
# Feeds and servers come first.
NICENESS = ("nice", "-n", "10")
# What the process may take longer than the time after which it begins no other series.
GRACE_SECONDS = 300.0
TERMINATE_SECONDS = 10.0
MOST_REASONS = 5


class ReportedForecast(msgspec.Struct):
    """Which model a series is forecast with."""

    symbol: str
    interval: str
    model: str


class Report(msgspec.Struct):
    """What the process prints, as far as it is told on."""

    scored: int
    forecasts: list[ReportedForecast]
    left_out: dict[str, str]
    failed: dict[str, str]
    postponed: list[str]


class Forecasting:
    """Runs `python -m stream_job.forecasts` on this database, at most so many minutes and some grace."""

    def __init__(self, database: DatabaseSettings, minutes: float) -> None:
        self._database = database
        self._seconds = minutes * 60 + GRACE_SECONDS

    async def forecast(self, interval: str, calendar: str | None) -> str:
        """Forecast the series of an interval, of one calendar or all; returns what came of it.

        Raises :class:`JobFailedError` with the reason where the process has failed, or has not ended in time.
        """
        arguments = ["run", "--interval", interval, "--json"]
        if calendar is not None:
            arguments += ["--calendar", calendar]
        code, output, notes = await _ended(arguments, _environment(self._database), self._seconds)
        if code != 0 and not output.strip():
            last = notes.strip().splitlines()[-1:] or [f"it ended with code {code} and said nothing"]
            raise JobFailedError(f"Nothing was forecast: {last[0]}")
        report = msgspec.json.decode(output, type=Report)
        if report.failed:
            raise JobFailedError(f"{summary(report)} {_some(list(report.failed.values()))}")
        return summary(report)


def summary(report: Report) -> str:
    """Say in some sentences what a run has done, and what it has not and why."""
    naive = sum(one.model == "naive" for one in report.forecasts)
    said = [f"{len(report.forecasts)} series forecast, {report.scored} forecasts scored."]
    if naive:
        said.append(f"No model beats the naive one for {naive}.")
    if report.left_out:
        said.append(f"Left out: {_some(list(report.left_out.values()))}")
    if report.postponed:
        said.append(f"Left for the next run, as time was up: {len(report.postponed)}.")
    return " ".join(said)


def _some(sentences: Sequence[str]) -> str:
    more = len(sentences) - MOST_REASONS
    return " ".join([*sentences[:MOST_REASONS], *([f"And {more} more."] if more > 0 else [])])


def _environment(database: DatabaseSettings) -> dict[str, str]:
    """Our environment, with the database that the producer itself works with, wherever it knows that from."""
    return {
        **os.environ,
        "POSTGRES_HOST": database.postgres_host,
        "POSTGRES_PORT": str(database.postgres_port),
        "POSTGRES_DB": database.postgres_db,
        PASSWORD_SETTING["market_writer"]: database.password("market_writer"),
    }


async def _ended(
    arguments: Sequence[str], environment: Mapping[str, str], seconds: float
) -> tuple[int | None, bytes, str]:
    """Run the process to its end; it ends with the job that waits for it."""
    process = await asyncio.create_subprocess_exec(
        *(*NICENESS, sys.executable, "-m", "stream_job.forecasts", *arguments),
        cwd=REPOSITORY,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            output, notes = await process.communicate()
    except TimeoutError:
        raise JobFailedError(
            f"Forecasting had not ended after {seconds:.0f} s and was stopped; what it had written stays. "
            f"A lower FORECAST_MINUTES lets it leave the rest to the next run in time."
        ) from None
    finally:
        if process.returncode is None:
            await _stopped(process)
    return process.returncode, output, notes.decode(errors="replace")


async def _stopped(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(TERMINATE_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
