"""Runs jobs when they are due, each one never twice at a time, and lets the API look and interfere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from producer.cancellation import cancelled, finished
from producer.database import DATABASE_ERRORS, database_away, database_that, one_line
from producer.errors import JobRunningError, ProducerError, UnknownJobError
from producer.schedule.job import Job, JobState, JobStatus
from producer.schedule.ledger import JobLedger
from producer.schedule.triggers import was_missed

logger = logging.getLogger(__name__)

RETRY_INITIAL_SECONDS = 0.5
RETRY_MAX_SECONDS = 30.0
STOPPED = "It was stopped before it had ended; it is made up for when the producer starts again."
INTERRUPTED = "The process ended before this job did."
# What the database is to the schedule, in a sentence on it.
MEMORY = "remembers the schedule"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class JobReport:
    """A job, how it is, and when it is due next: None while it is paused."""

    job: Job
    state: JobState
    is_running: bool
    next_run_at: datetime | None


class Schedule:
    """The jobs; they begin once PostgreSQL has said what was missed and what is paused.

    A job that was due while the producer was away is made up for once, however often it was due.
    """

    def __init__(self, jobs: Sequence[Job], ledger: JobLedger) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._ledger = ledger
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._states: dict[str, JobState] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._beginning: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin as soon as the database answers."""
        self._beginning = asyncio.create_task(self._begin(), name="schedule")

    async def close(self) -> None:
        """Stop every job."""
        if self._beginning is not None:
            await cancelled(self._beginning)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in list(self._running.values()):
            await cancelled(task)

    def reports(self) -> list[JobReport]:
        """Return every job; raises :class:`DatabaseUnavailableError` before the schedule has begun."""
        return [self.report(name) for name in self._jobs]

    def report(self, name: str) -> JobReport:
        """Return one job; raises :class:`UnknownJobError`, or as ``reports``."""
        job = self._known(name)
        scheduled = self._scheduler.get_job(name)
        next_run_at: datetime | None = None if scheduled is None else scheduled.next_run_time
        return JobReport(job, self._states[name], name in self._running, next_run_at)

    async def pause(self, name: str) -> JobReport:
        """Let a job not be due until it is resumed; one that runs goes on. Raises as ``report``."""
        self._known(name)
        await self._save_now(name, replace(self._states[name], is_paused=True))
        self._scheduler.pause_job(name)
        return self.report(name)

    async def resume(self, name: str) -> JobReport:
        """Let a job be due again, from now on: what was missed is not made up for. Raises as ``report``."""
        self._known(name)
        if self._states[name].is_paused:
            state = replace(self._states[name], is_paused=False, handled_until=_now())
            await self._save_now(name, state)
            self._scheduler.resume_job(name)
        return self.report(name)

    def run_now(self, name: str) -> JobReport:
        """Start a job, paused or not; raises :class:`JobRunningError`, or as ``report``."""
        self._known(name)
        if name in self._running:
            raise JobRunningError(f"The job {name} is running: GET /schedule says when it has ended.")
        self._start_job(name)
        return self.report(name)

    async def _begin(self) -> None:
        async for attempt in AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RETRY_INITIAL_SECONDS, max=RETRY_MAX_SECONDS),
            retry=retry_if_exception_type(DATABASE_ERRORS),
        ):
            with attempt:
                states = await self._ledger.load(list(self._jobs), _now())
        for job in self._jobs.values():
            await self._add(job, states[job.name])
        self._states = states
        for name, state in states.items():
            if state.status == "running":
                await self._note(name, finished_at=_now(), status="failed", detail=INTERRUPTED)
        self._scheduler.start()

    async def _add(self, job: Job, state: JobState) -> None:
        # The first use of a calendar takes a second, in which the feeds go on.
        now = _now()
        next_run_at = await asyncio.to_thread(job.trigger.get_next_fire_time, None, now)
        if not state.is_paused and await asyncio.to_thread(was_missed, job.trigger, state.handled_until, now):
            logger.info("the job %s was missed: it runs now", job.name)
            next_run_at = now
        self._scheduler.add_job(
            self._fire,
            job.trigger,
            args=[job.name],
            id=job.name,
            next_run_time=None if state.is_paused else next_run_at,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    async def _fire(self, name: str) -> None:
        if name in self._running:
            logger.info("the job %s is due while it runs: it is not started again", name)
            return
        await asyncio.wait({self._start_job(name)})

    def _start_job(self, name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._carry_out(self._jobs[name]), name=f"job {name}")
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))
        return task

    async def _carry_out(self, job: Job) -> None:
        began = _now()
        await self._note(job.name, started_at=began, finished_at=None, status="running", detail=None)
        status, detail = await self._outcome(job, began)
        logger.info("the job %s has %s: %s", job.name, status, detail)
        await self._note(job.name, handled_until=began, finished_at=_now(), status=status, detail=detail)

    async def _outcome(self, job: Job, began: datetime) -> tuple[JobStatus, str]:
        try:
            return "succeeded", await job.work()
        except asyncio.CancelledError:
            await finished(self._note(job.name, finished_at=_now(), status="cancelled", detail=STOPPED))
            raise
        except ProducerError as error:
            return "failed", str(error)
        except DATABASE_ERRORS as error:
            return "failed", f"The database is away: {one_line(error)}."
        except Exception as error:
            logger.exception("the job %s has met an error that it does not know", job.name)
            return "failed", f"{type(error).__name__}: {error}"

    async def _note(self, name: str, **changes: object) -> None:
        """Remember here what has changed, and in PostgreSQL where it answers."""
        state = replace(self._states[name], **changes)  # type: ignore[arg-type]  # fields of JobState
        self._states[name] = state
        try:
            await self._ledger.save(name, state)
        except DATABASE_ERRORS as error:
            logger.warning("what became of the job %s is not written down: %s", name, one_line(error))

    async def _save_now(self, name: str, state: JobState) -> None:
        with database_that(MEMORY):
            await self._ledger.save(name, state)
        self._states[name] = state

    def _known(self, name: str) -> Job:
        job = self._jobs.get(name)
        if job is None:
            raise UnknownJobError(f"There is no job {name!r}. The jobs are: {', '.join(self._jobs)}.")
        if name not in self._states:
            raise database_away(MEMORY, "it has not said yet which jobs are paused, and which were missed")
        return job
