"""Whether the read API can answer: open to all, for what watches over it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.rest.describing import answers
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.reference import Health

router = APIRouter()


@router.get("/health", responses=answers(Health))
async def health(services: ServicesDep, replies: RepliesDep) -> Response:
    """Answer 200 when the database answers, 503 with a problem when it does not."""
    await services.database.check()
    return replies.one(Health("ok", "connected"))
