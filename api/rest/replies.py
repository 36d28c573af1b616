"""From structs to the bytes that were asked for: JSON, CSV or Arrow, with an ETag and Cache-Control."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Request, Response

from api.rest.formats import ARROW, CSV, FORMATS, JSON, negotiated
from api.shapes.record import Page, Record

NO_CACHE = "private, no-cache"
"""What may change at any time: kept by a client, and asked for again with its ETag."""
SETTLED = "private, max-age=300"
"""What only a correction or a backfill still changes."""
NEXT = "X-Next-Cursor"
VARY = "Accept"

_encoder = msgspec.json.Encoder()


class Replies:
    """Makes the answers to one request."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def one(self, body: msgspec.Struct, caching: str = NO_CACHE) -> Response:
        """Answer one object; JSON is its only format."""
        negotiated(self._request.headers.get("accept"), (JSON,))
        return self._reply(_encoder.encode(body), JSON, caching, {})

    def page(
        self, page: Page, kind: type[Record], rows: Sequence[Record], caching: str = NO_CACHE
    ) -> Response:
        """Answer a list; in CSV and Arrow its rows alone, and the next cursor in a header."""
        media = negotiated(self._request.headers.get("accept"), FORMATS)
        headers = {} if page.next is None else {NEXT: page.next}
        if media == CSV:
            return self._reply(_csv(kind, rows), "text/csv; charset=utf-8; header=present", caching, headers)
        if media == ARROW:
            # It loads a library of sixty megabytes, which whoever asks for JSON does without.
            from api.rest.arrow import stream

            return self._reply(stream(kind, rows), ARROW, caching, headers)
        return self._reply(_encoder.encode(page), JSON, caching, headers)

    def _reply(self, body: bytes, media: str, caching: str, headers: dict[str, str]) -> Response:
        # Weak, for the same answer may be sent compressed.
        tag = f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": caching, "Vary": VARY, **headers}
        if _matches(self._request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media, headers=headers)


RepliesDep = Annotated[Replies, Depends(Replies)]


def _matches(condition: str | None, tag: str) -> bool:
    if condition is None:
        return False
    wanted = tag.removeprefix("W/")
    return any(one.strip() == "*" or one.strip().removeprefix("W/") == wanted for one in condition.split(","))


def _csv(kind: type[Record], rows: Sequence[Record]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    names = kind.__struct_fields__
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value
    # Booleans, times and objects are written as in JSON.
    return _encoder.encode(value).decode().strip('"')
