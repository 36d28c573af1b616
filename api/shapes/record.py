"""How answers are built: structs, whose fields are JSON's names, CSV's columns and Arrow's fields alike."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

DIGITS = r"^-?[0-9]+(\.[0-9]+)?$"
# PostgreSQL writes the digits, so no decimal is ever parsed on its way to the reader.
Exact = Annotated[
    str,
    msgspec.Meta(
        pattern=DIGITS,
        examples=["42000.5"],
        description="An exact decimal.",
    ),
]
Json = dict[str, Any]


class Record(msgspec.Struct, gc=False):
    """A row of an answer."""


class Page(msgspec.Struct, kw_only=True):
    """A part of a list: `next` is the cursor of the part after it, null where there is none."""

    next: str | None = None
