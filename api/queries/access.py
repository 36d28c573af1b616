"""Whom an API key belongs to, by a function that compares its hash and shows nothing else of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, func, literal, select

from api.database import Database


async def key_holder(database: Database, key_id: int, secret_hash: str) -> str | None:
    """Return the name of a key that is not revoked and whose secret has this hash, else None.

    The time of its use is noted, exact to the minute.
    """
    row = await database.row(
        select(func.api_key_holder(literal(key_id, BigInteger), secret_hash)), may_write=True
    )
    name: str | None = row[0] if row else None
    return name
