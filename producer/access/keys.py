"""The keys of the API, in PostgreSQL: made, rotated, revoked and recognised without a restart.

A key is `candlewick_<id>_<secret>`. It is looked up by its id and compared by the hash of its secret in
constant time, so that how long an answer takes says nothing of the secret.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import Connection, func, insert, or_, select, text, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from db.models import API_SCOPES, ApiKey
from producer.database import DATABASE_ERRORS, Database, one_line
from producer.errors import ApiKeyNameTakenError, DatabaseUnavailableError, UnknownApiKeyError

Scope = Literal["read", "control", "admin"]
Result = TypeVar("Result")

SECRET_BYTES = 32
KEY = re.compile(r"candlewick_([1-9][0-9]{0,17})_([A-Za-z0-9_-]{43})", re.ASCII)
# More often than this the time of the last use is not written.
USE_NOTED_EVERY = text("interval '1 minute'")
SHOWN = [column for column in ApiKey.__table__.columns if column.name != "secret_hash"]


@dataclass(frozen=True)
class Holder:
    """Whom a key belongs to, and what it may do."""

    name: str
    scope: Scope

    def may(self, scope: Scope) -> bool:
        """Say whether the key's scope includes another."""
        return API_SCOPES.index(self.scope) >= API_SCOPES.index(scope)


@dataclass(frozen=True)
class IssuedKey:
    """A key that was just made; its text is nowhere else, and its hash alone is kept."""

    row: RowMapping
    secret: str

    @property
    def text(self) -> str:
        """What goes into the header."""
        return f"candlewick_{self.row['id']}_{self.secret}"


class ApiKeys:
    """The keys; every method may raise :class:`DatabaseUnavailableError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holder(self, key: str) -> Holder | None:
        """Return whose key this is; None when it is wrong or revoked. Notes the time of its use."""
        match = KEY.fullmatch(key)
        if match is None:
            return None
        number, hashed = int(match[1]), _hashed(match[2])
        return await self._transaction(lambda connection: _holder(connection, number, hashed))

    async def newest(self, limit: int) -> Sequence[RowMapping]:
        """Return the newest keys, revoked ones too, without their hashes."""
        query = select(*SHOWN).order_by(ApiKey.id.desc()).limit(limit)
        return await self._transaction(lambda connection: connection.execute(query).mappings().all())

    async def issue(self, name: str, scope: Scope) -> IssuedKey:
        """Make a key; raises :class:`ApiKeyNameTakenError`."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        making = insert(ApiKey).values(name=name, scope=scope, secret_hash=_hashed(secret)).returning(*SHOWN)
        try:
            row = await self._transaction(lambda connection: connection.execute(making).mappings().one())
        except IntegrityError as error:
            raise ApiKeyNameTakenError(
                f"There is an API key {name!r} already: choose another name, or revoke or rotate that one."
            ) from error
        return IssuedKey(row, secret)

    async def rotate(self, key_id: int) -> IssuedKey:
        """Give a key another secret, and end the old one; raises :class:`UnknownApiKeyError`."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        row = await self._change(key_id, {"secret_hash": _hashed(secret), "rotated_at": func.now()})
        return IssuedKey(row, secret)

    async def revoke(self, key_id: int) -> RowMapping:
        """End a key; raises :class:`UnknownApiKeyError`, also when it was revoked before."""
        return await self._change(key_id, {"revoked_at": func.now()})

    async def _change(self, key_id: int, values: dict[str, object]) -> RowMapping:
        change = (
            update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
            .values(values)
            .returning(*SHOWN)
        )
        row = await self._transaction(lambda connection: connection.execute(change).mappings().one_or_none())
        if row is None:
            raise UnknownApiKeyError(
                f"There is no API key {key_id} that is not revoked: GET /keys lists those there are."
            )
        return row

    async def _transaction(self, work: Callable[[Connection], Result]) -> Result:
        try:
            return await self._database.transaction(work)
        except IntegrityError:
            raise
        except DATABASE_ERRORS as error:
            raise DatabaseUnavailableError(
                f"The database, which holds the API keys, is away: {one_line(error)}. Until /health says "
                f"that it answers, PRODUCER_API_KEY of the env file is the only key that works."
            ) from error


def _holder(connection: Connection, number: int, hashed: str) -> Holder | None:
    found = connection.execute(
        select(ApiKey.name, ApiKey.scope, ApiKey.secret_hash).where(
            ApiKey.id == number, ApiKey.revoked_at.is_(None)
        )
    ).one_or_none()
    if found is None or not secrets.compare_digest(found.secret_hash, hashed):
        return None
    connection.execute(
        update(ApiKey)
        .where(
            ApiKey.id == number,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < func.now() - USE_NOTED_EVERY),
        )
        .values(last_used_at=func.now())
    )
    return Holder(found.name, found.scope)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
