"""One page on everything: dependencies, feeds, gaps, runs and the schedule."""

from __future__ import annotations

from fastapi import APIRouter

from producer.api.endpoints import ServicesDep
from producer.api.models import GapReport, Health, RunReport
from producer.api.reports import health_report
from producer.api.schedule import JobReport, job_report
from producer.errors import DatabaseUnavailableError

SHOWN = 20

router = APIRouter()


class Status(Health):
    """As `/health`, with the open gaps that began last, the newest runs, and the jobs.

    These three are null while PostgreSQL, which has them, is away.
    """

    open_gaps: list[GapReport] | None
    last_runs: list[RunReport] | None
    schedule: list[JobReport] | None


@router.get("/status")
async def status(services: ServicesDep) -> Status:
    """Say how everything is on one page; always 200, also where something is not well."""
    health = await health_report(services)
    report = Status(**dict(health), open_gaps=None, last_runs=None, schedule=None)
    try:
        gaps = await services.gaps.newest(None, True, SHOWN)
        runs = await services.runs.newest(None, None, SHOWN)
        report.open_gaps = [GapReport.model_validate(dict(gap)) for gap in gaps]
        report.last_runs = [RunReport.model_validate(dict(run)) for run in runs]
        report.schedule = [job_report(job) for job in services.schedule.reports()]
    except DatabaseUnavailableError:
        return report
    return report
