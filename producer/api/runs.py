"""Backfills over HTTP, the runs of everything, and the gaps that backfills fill."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from producer.api.endpoints import ServicesDep
from producer.api.models import BackfillOrder, GapReport, RunKind, RunReport, RunStatus, Symbol
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.backfill.request import checked_request
from producer.errors import (
    DatabaseUnavailableError,
    InvalidBackfillError,
    UnknownProviderError,
    UnknownRunError,
)
from producer.events import clock_micros, to_micros

# A short backfill is answered with its end, a long one with its run.
PROMPT_SECONDS = 2.0

router = APIRouter()

RunId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.post(
    "/backfill",
    dependencies=CONTROL,
    responses={
        HTTPStatus.ACCEPTED: {"model": RunReport, "description": "It goes on; ask its run how far it is."},
        **problem_responses(UnknownProviderError, InvalidBackfillError, DatabaseUnavailableError),
    },
)
async def backfill(order: BackfillOrder, services: ServicesDep, response: Response) -> RunReport:
    """Fetch the bars that are missing, and only those; asked again, go on where it stopped.

    Answers with the run: 200 when it has ended within two seconds, 202 when it goes on.
    """
    request = checked_request(
        services.providers,
        order.provider,
        tuple(order.symbols),
        order.interval,
        None if order.start is None else to_micros(order.start),
        None if order.end is None else to_micros(order.end),
        clock_micros(),
        again=order.again,
    )
    run_id, has_ended = await services.backfills.start(request, PROMPT_SECONDS)
    if not has_ended:
        response.status_code = HTTPStatus.ACCEPTED
    response.headers["Location"] = f"/runs/{run_id}"
    return RunReport.model_validate(dict(await services.runs.run(run_id)))


@router.get("/runs", responses=problem_responses(DatabaseUnavailableError))
async def runs(
    services: ServicesDep,
    kind: RunKind | None = None,
    status: RunStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[RunReport]:
    """List the newest runs first."""
    return [RunReport.model_validate(dict(run)) for run in await services.runs.newest(kind, status, limit)]


@router.get("/runs/{run_id}", responses=problem_responses(UnknownRunError, DatabaseUnavailableError))
async def run(run_id: RunId, services: ServicesDep) -> RunReport:
    """Say what a run was asked for, how far it is, and how it ended."""
    return RunReport.model_validate(dict(await services.runs.run(run_id)))


@router.get("/gaps", responses=problem_responses(DatabaseUnavailableError))
async def gaps(
    services: ServicesDep,
    symbol: Symbol | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those not filled, or filled.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[GapReport]:
    """List the times for which data is, or was, missing: those that began last first."""
    found = await services.gaps.newest(symbol, is_open, limit)
    return [GapReport.model_validate(dict(gap)) for gap in found]
