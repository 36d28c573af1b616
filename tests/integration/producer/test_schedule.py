"""The schedule: jobs run when they are due, never twice at a time, and are made up for after an absence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from db.settings import DatabaseSettings
from producer.database import Database
from producer.errors import DatabaseUnavailableError, JobFailedError, JobRunningError, UnknownJobError
from producer.schedule.job import Job, JobState
from producer.schedule.ledger import JobLedger
from producer.schedule.schedule import JobReport, Schedule
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.waiting import WAIT_SECONDS, until

NOW = datetime.now(UTC)
# Half a day away from now, so that it is never due while a test runs.
DAILY = CronTrigger(hour=(NOW.hour + 12) % 24, timezone=UTC)


class Work:
    """What a job does: it counts, and goes on until it may end."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.failure: str | None = None

    async def __call__(self) -> str:
        self.begun += 1
        await self.may_end.wait()
        if self.failure is not None:
            raise JobFailedError(self.failure)
        return f"done {self.begun}"


@pytest.fixture
def name() -> str:
    """A job that no other test has."""
    return f"job-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def work() -> Work:
    return Work()


@asynccontextmanager
async def scheduled(
    database: Database, name: str, work: Callable[[], Awaitable[str]], trigger: object = DAILY
) -> AsyncIterator[Schedule]:
    """The schedule of a producer, once it has begun."""
    schedule = Schedule([Job(name, "A job of a test.", trigger, work)], JobLedger(database))
    schedule.start()
    try:
        await until(lambda: _has_begun(schedule), "the schedule has begun")
        yield schedule
    finally:
        await schedule.close()


def _has_begun(schedule: Schedule) -> bool:
    try:
        return bool(schedule.reports())
    except DatabaseUnavailableError:
        return False


async def ended(schedule: Schedule, name: str) -> JobReport:
    def has_ended() -> bool:
        report = schedule.report(name)
        return not report.is_running and report.state.status not in {None, "running"}

    await until(has_ended, "the job has ended")
    return schedule.report(name)


async def test_a_job_runs_when_it_is_due(database: Database, name: str, work: Work) -> None:
    soon = DateTrigger(datetime.now(UTC) + timedelta(seconds=1), timezone=UTC)
    async with scheduled(database, name, work, soon) as schedule:
        report = await ended(schedule, name)
    assert (report.state.status, report.state.detail, work.begun) == ("succeeded", "done 1", 1)


async def was_handled(database: Database, name: str, days_ago: int) -> None:
    """Let the job be one that an earlier producer has dealt with up to some days ago."""
    await JobLedger(database).save(name, JobState(False, NOW - timedelta(days=days_ago)))


async def test_a_new_job_has_missed_nothing(database: Database, name: str, work: Work) -> None:
    async with scheduled(database, name, work) as schedule:
        report = schedule.report(name)
    assert report.next_run_at is not None
    assert timedelta() < report.next_run_at - NOW < timedelta(days=1)
    assert (report.state.status, work.begun) == (None, 0)


async def test_what_was_missed_is_made_up_for_once_however_often_it_was_due(
    database: Database, name: str, work: Work
) -> None:
    await was_handled(database, name, days_ago=5)
    async with scheduled(database, name, work) as schedule:
        report = await ended(schedule, name)
        assert report.next_run_at is not None
        assert report.next_run_at > NOW
    assert (report.state.handled_until, work.begun) == (report.state.started_at, 1)
    async with scheduled(database, name, work) as schedule:
        assert schedule.report(name).state.detail == "done 1"
    assert work.begun == 1


async def test_a_job_that_was_stopped_with_the_producer_is_made_up_for(
    database: Database, name: str, work: Work
) -> None:
    await was_handled(database, name, days_ago=1)
    work.may_end.clear()
    async with scheduled(database, name, work):
        await until(lambda: work.begun == 1, "the job runs")
    work.may_end.set()
    async with scheduled(database, name, work) as schedule:
        await until(lambda: work.begun == 2, "the job runs again")
        report = await ended(schedule, name)
    assert report.state.detail == "done 2"


async def test_a_job_whose_process_was_killed_is_told_as_failed(
    database: Database, name: str, work: Work
) -> None:
    killed = JobState(False, NOW, started_at=NOW, status="running")
    await JobLedger(database).save(name, killed)
    async with scheduled(database, name, work) as schedule:
        report = schedule.report(name)
    assert (report.state.status, report.state.detail) == ("failed", "The process ended before this job did.")


async def test_a_job_never_runs_twice_at_a_time(database: Database, name: str, work: Work) -> None:
    work.may_end.clear()
    async with scheduled(database, name, work) as schedule:
        daily = schedule.run_now(name)
        assert daily.is_running
        await until(lambda: work.begun == 1, "the job runs")
        schedule._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        due_again = daily.next_run_at
        await until(lambda: schedule.report(name).next_run_at == due_again, "it was due while it ran")
        with pytest.raises(JobRunningError):
            schedule.run_now(name)
        work.may_end.set()
        await ended(schedule, name)
        assert work.begun == 1
        schedule.run_now(name)
        await until(lambda: work.begun == 2, "it runs again")


async def test_a_failure_is_told_and_the_job_is_due_again(database: Database, name: str, work: Work) -> None:
    work.failure = "Nothing was done."
    async with scheduled(database, name, work) as schedule:
        schedule.run_now(name)
        report = await ended(schedule, name)
    assert (report.state.status, report.state.detail) == ("failed", "Nothing was done.")
    assert report.next_run_at is not None


async def test_a_paused_job_is_not_due_also_after_a_restart_and_what_it_missed_is_given_up(
    database: Database, name: str, work: Work
) -> None:
    async with scheduled(database, name, work) as schedule:
        assert (await schedule.pause(name)).next_run_at is None
    await JobLedger(database).save(name, JobState(True, NOW - timedelta(days=3)))
    async with scheduled(database, name, work) as schedule:
        report = schedule.report(name)
        assert (report.state.is_paused, report.next_run_at) == (True, None)
        report = await schedule.resume(name)
        assert (report.state.is_paused, report.next_run_at is None) == (False, False)
    async with scheduled(database, name, work):
        assert work.begun == 0


async def test_an_unknown_job_is_a_sentence_that_names_those_there_are(
    database: Database, name: str, work: Work
) -> None:
    async with scheduled(database, name, work) as schedule:
        with pytest.raises(UnknownJobError, match=f"The jobs are: {name}"):
            schedule.run_now("nothing")


async def test_without_the_database_the_schedule_waits_for_it(
    database_settings: DatabaseSettings, name: str, work: Work
) -> None:
    away = Database(database_settings.model_copy(update={"postgres_port": 1}))
    schedule = Schedule([Job(name, "A job of a test.", DAILY, work)], JobLedger(away))
    schedule.start()
    with pytest.raises(DatabaseUnavailableError, match="which remembers the schedule"):
        schedule.reports()
    await schedule.close()
    await away.close()


async def test_the_schedule_is_shown_and_controlled_over_http(serve: Serve) -> None:
    async with serve() as client:

        async def listed() -> dict[str, dict[str, object]]:
            async with asyncio.timeout(WAIT_SECONDS):
                while (response := await client.get("/schedule")).status_code == 503:
                    await asyncio.sleep(0.05)
            return {job["name"]: job for job in response.json()}

        jobs = await listed()
        assert jobs.keys() >= {"fill-gaps", "forget-old-runs", "check-health"}
        for name in ("coinbase", "kraken", "binance"):
            assert jobs.keys() >= {f"daily-bars-{name}", f"refresh-{name}"}
        assert not jobs.keys() & {"daily-bars-history", "daily-bars-simulator"}
        paused = (await client.post("/schedule/refresh-coinbase/pause", headers=KEY)).json()
        assert (paused["paused"], paused["next_run_at"]) == (True, None)
        resumed = (await client.post("/schedule/refresh-coinbase/resume", headers=KEY)).json()
        assert (resumed["paused"], resumed["next_run_at"] is None) == (False, False)

        response = await client.post("/schedule/daily-bars-coinbase/run", headers=KEY)
        assert response.status_code == 202
        async with asyncio.timeout(WAIT_SECONDS):
            while (job := (await listed())["daily-bars-coinbase"])["running"]:
                await asyncio.sleep(0.05)
        assert job["last_status"] == "succeeded"
        assert job["last_detail"] == "The feed coinbase does not run, so nothing is asked for."

        missing = await client.post("/schedule/nothing/run", headers=KEY)
        assert (missing.status_code, missing.json()["title"]) == (404, "No such job")
        for action in ("pause", "resume", "run"):
            assert (await client.post(f"/schedule/fill-gaps/{action}")).status_code == 401


async def test_one_page_says_how_everything_is(serve: Serve) -> None:
    async with serve() as client:
        async with asyncio.timeout(WAIT_SECONDS):
            while (page := (await client.get("/status")).json())["schedule"] is None:
                await asyncio.sleep(0.05)
    assert page["dependencies"]["database"]["state"] == "connected"
    assert page["feeds"]["coinbase"]["state"] == "stopped"
    assert isinstance(page["open_gaps"], list)
    assert isinstance(page["last_runs"], list)
    assert "fill-gaps" in {job["name"] for job in page["schedule"]}


async def test_the_page_is_there_while_the_database_is_away(serve: Serve) -> None:
    async with serve(postgres_port=1) as client:
        response = await client.get("/status")
    assert response.status_code == 200
    page = response.json()
    assert (page["status"], page["open_gaps"], page["last_runs"], page["schedule"]) == (
        "degraded",
        None,
        None,
        None,
    )
