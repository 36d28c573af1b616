"""Cursors: the key of the last row of a page, opaque to the reader, valid for the same list alone."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from api.errors import InvalidRequestError

Key = TypeVar("Key", bound=msgspec.Struct)

LONGEST = 1_000
# What the arithmetic of times can take on either side.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Time = Annotated[datetime, msgspec.Meta(tz=True)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Cursor(msgspec.Struct, array_like=True):
    of: str
    key: msgspec.Raw


def encoded(of: str, key: msgspec.Struct) -> str:
    """Return the cursor behind the row that has this key; ``of`` names the list and its order."""
    body = msgspec.json.encode(_Cursor(of, msgspec.Raw(msgspec.json.encode(key))))
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def decoded(cursor: str | None, of: str, kind: type[Key]) -> Key | None:
    """Return the key that a cursor holds, None for the beginning.

    Raises :class:`InvalidRequestError` for what is no cursor, or one of another list.
    """
    if cursor is None:
        return None
    try:
        if len(cursor) > LONGEST:
            raise ValueError
        body = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(body, type=_Cursor)
        key = msgspec.json.decode(found.key, type=kind) if found.of == of else None
        for value in msgspec.structs.astuple(key) if key else ():
            if isinstance(value, datetime) and not EARLIEST <= value <= LATEST:
                raise ValueError
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise InvalidRequestError(
            "cursor: this is none of ours: send `next` of the page before as it was answered, or no cursor "
            "to begin at the beginning."
        ) from None
    if key is None:
        raise InvalidRequestError(
            f"cursor: it belongs to the list {found.of!r}, and this is {of!r}: send it with the parameters "
            f"that it was answered to, or no cursor to begin at the beginning."
        )
    return key
