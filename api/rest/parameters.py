"""Parameters that several endpoints take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query

from api.errors import InvalidRequestError
from producer.api.models import Moment
from producer.api.models import Symbol as CanonicalSymbol

MOST_ROWS = 10_000

Symbol = Annotated[CanonicalSymbol, Path(description="As /api/v1/assets lists it.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="The most rows of an answer.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.")]
Start = Annotated[
    Moment | None, Query(description="The earliest time, inclusive, in UTC unless it says else.")
]
End = Annotated[Moment | None, Query(description="The time before which all lies.")]


def check_order(start: datetime | None, end: datetime | None) -> None:
    """Raise :class:`InvalidRequestError` unless the start lies before the end."""
    if start is not None and end is not None and start >= end:
        raise InvalidRequestError(
            f"start: {start.isoformat()} is not before end, {end.isoformat()}: give a start that is earlier."
        )
