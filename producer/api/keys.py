"""API keys over HTTP: listed, made, rotated and revoked by who has the scope admin."""

from __future__ import annotations

import logging
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from producer.access.keys import IssuedKey, Scope
from producer.api.endpoints import ServicesDep
from producer.api.problems import problem_responses
from producer.api.security import ADMIN
from producer.errors import ApiKeyNameTakenError, DatabaseUnavailableError, UnknownApiKeyError

logger = logging.getLogger(__name__)

router = APIRouter(dependencies=ADMIN)

KeyId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class KeyOrder(BaseModel):
    """Which key to make; the name says whose it is, in the list and in the log."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$", examples=["grafana"])
    scope: Scope = Field(description="read < control < admin: each may do what those before it may.")


class KeyReport(BaseModel):
    """An API key, without its secret; `last_used_at` is exact to the minute."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedKeyReport(KeyReport):
    """A new API key: `key` is shown this once, because only its hash is kept."""

    key: str


@router.get("/keys", responses=problem_responses(DatabaseUnavailableError))
async def keys(services: ServicesDep, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[KeyReport]:
    """List the API keys, the newest first and revoked ones too."""
    return [KeyReport.model_validate(dict(row)) for row in await services.api_keys.newest(limit)]


@router.post(
    "/keys",
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(ApiKeyNameTakenError, DatabaseUnavailableError),
)
async def make_key(order: KeyOrder, services: ServicesDep, response: Response) -> IssuedKeyReport:
    """Make an API key, which works at once; its text is answered once and kept nowhere."""
    issued = await services.api_keys.issue(order.name, order.scope)
    logger.info("API key %s is made: %r, scope %s", issued.row["id"], order.name, order.scope)
    return _report(issued, response)


@router.post(
    "/keys/{key_id}/rotate", responses=problem_responses(UnknownApiKeyError, DatabaseUnavailableError)
)
async def rotate_key(key_id: KeyId, services: ServicesDep, response: Response) -> IssuedKeyReport:
    """Give an API key another secret; the old one ends at once."""
    issued = await services.api_keys.rotate(key_id)
    logger.info("API key %s is rotated: %r", key_id, issued.row["name"])
    return _report(issued, response)


@router.delete("/keys/{key_id}", responses=problem_responses(UnknownApiKeyError, DatabaseUnavailableError))
async def revoke_key(key_id: KeyId, services: ServicesDep) -> KeyReport:
    """Revoke an API key, which ends at once; it stays in the list."""
    row = await services.api_keys.revoke(key_id)
    logger.info("API key %s is revoked: %r", key_id, row["name"])
    return KeyReport.model_validate(dict(row))


def _report(issued: IssuedKey, response: Response) -> IssuedKeyReport:
    response.headers["Cache-Control"] = "no-store"
    return IssuedKeyReport(**issued.row, key=issued.text)
