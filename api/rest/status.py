"""The pipeline on one page: the broker's queues, the job, and how fresh each symbol is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.live.feeds import LiveFeeds
from api.live.status import live_status
from api.pipeline.broker import broker_status
from api.pipeline.flink import job_status
from api.queries.pipeline import database_status
from api.rest.describing import answers
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.status import Status

router = APIRouter(tags=["pipeline"])


@router.get("/status", responses=answers(Status))
async def status(request: Request, services: ServicesDep, replies: RepliesDep) -> Response:
    """Say how the pipeline is; always 200, also where a part of it is away."""
    job, broker, database = await asyncio.gather(
        job_status(services.flink),
        broker_status(services.rabbitmq, services.settings.rabbitmq_vhost),
        database_status(services.database),
    )
    feeds: LiveFeeds | None = getattr(request.app.state, "live", None)
    live = live_status(feeds) if feeds is not None else None
    return replies.one(Status(datetime.now(UTC), job, broker, database, live))
