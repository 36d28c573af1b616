"""Parameters that several endpoints take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator

from api import intervals
from api.errors import InvalidRequestError
from db.models import INTERVALS
from producer.api.models import Moment
from producer.api.models import Symbol as CanonicalSymbol

MOST_ROWS = 10_000
EARLIEST, LATEST = datetime(1970, 1, 5, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
ANY_INTERVAL = (
    f"{', '.join(INTERVALS)}, or a multiple: minutes (m), hours (h), days (d) or weeks (w), such as 7m or 1w."
)


def _near(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"a time lies between {EARLIEST:%Y-%m-%d} and {LATEST:%Y-%m-%d}")
    return moment


Time = Annotated[Moment, AfterValidator(_near)]
Symbol = Annotated[CanonicalSymbol, Path(description="As /api/v1/assets lists it.")]
SymbolFilter = Annotated[CanonicalSymbol | None, Query(description="Of this symbol alone.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="The most rows of an answer.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.")]
Start = Annotated[Time | None, Query(description="The earliest time; UTC unless it has an offset.")]
End = Annotated[Time | None, Query(description="The time before which all lies.")]
Order = Annotated[Literal["asc", "desc"], Query(description="By time; desc leads back from the newest.")]
AnyInterval = Annotated[str, Query(description=ANY_INTERVAL)]
StoredInterval = Annotated[Literal["1m", "5m", "15m", "1h", "1d"], Query()]


@dataclass(frozen=True)
class Span:
    """Which part of a time series a request wants, and from which side.

    Without a start and a cursor the newest rows are wanted, whatever their order.
    """

    start: datetime | None
    end: datetime | None
    newest_first: bool
    is_reversed: bool

    @classmethod
    def of(cls, start: datetime | None, end: datetime | None, order: str, beyond: datetime | None) -> Span:
        """Make one of what was asked; ``beyond`` is the time that the page before ended with.

        Raises :class:`InvalidRequestError` unless the start lies before the end.
        """
        check_order(start, end)
        if beyond is not None and order == "asc":
            start = beyond + timedelta(microseconds=1)
        elif beyond is not None:
            end = beyond
        reversed_ = order == "asc" and start is None
        return cls(start, end, order == "desc" or reversed_, reversed_)


def check_order(start: datetime | None, end: datetime | None) -> None:
    """Raise :class:`InvalidRequestError` unless the start lies before the end."""
    if start is not None and end is not None and start >= end:
        raise InvalidRequestError(
            f"start: {start.isoformat()} is not before end, {end.isoformat()}: give a start that is earlier."
        )


def interval_of(text: str) -> intervals.Interval:
    """Return the interval that a request names; raises :class:`InvalidRequestError`."""
    return intervals.parsed(text)
