"""The schedule over HTTP: what is due when, and hands on it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel

from producer.api.endpoints import ServicesDep
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.errors import DatabaseUnavailableError, JobRunningError, UnknownJobError
from producer.schedule.job import JobStatus
from producer.schedule.schedule import JobReport as Report

router = APIRouter(prefix="/schedule")


class JobReport(BaseModel):
    """A job: when it is due next (null while it is paused), and what became of it last."""

    name: str
    description: str
    paused: bool
    running: bool
    next_run_at: datetime | None
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_status: JobStatus | None
    last_detail: str | None


def job_report(report: Report) -> JobReport:
    """Map a job's report."""
    return JobReport(
        name=report.job.name,
        description=report.job.description,
        paused=report.state.is_paused,
        running=report.is_running,
        next_run_at=report.next_run_at,
        last_started_at=report.state.started_at,
        last_finished_at=report.state.finished_at,
        last_status=report.state.status,
        last_detail=report.state.detail,
    )


@router.get("", responses=problem_responses(DatabaseUnavailableError))
async def jobs(services: ServicesDep) -> list[JobReport]:
    """List the jobs."""
    return [job_report(report) for report in services.schedule.reports()]


@router.post(
    "/{job}/pause",
    dependencies=CONTROL,
    responses=problem_responses(UnknownJobError, DatabaseUnavailableError),
)
async def pause(job: str, services: ServicesDep) -> JobReport:
    """Let a job not be due until it is resumed, over restarts too; one that runs goes on."""
    return job_report(await services.schedule.pause(job))


@router.post(
    "/{job}/resume",
    dependencies=CONTROL,
    responses=problem_responses(UnknownJobError, DatabaseUnavailableError),
)
async def resume(job: str, services: ServicesDep) -> JobReport:
    """Let a job be due again; what was missed while it was paused is not made up for."""
    return job_report(await services.schedule.resume(job))


@router.post(
    "/{job}/run",
    dependencies=CONTROL,
    status_code=HTTPStatus.ACCEPTED,
    responses=problem_responses(UnknownJobError, JobRunningError, DatabaseUnavailableError),
)
async def run(job: str, services: ServicesDep) -> JobReport:
    """Start a job now, paused or not; `GET /schedule` says when it has ended, and how."""
    return job_report(services.schedule.run_now(job))
