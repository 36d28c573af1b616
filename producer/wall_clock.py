"""Times as the clocks on the wall of a place show them, which some providers tell without saying so."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from producer.events import to_datetime, to_micros

NEW_YORK = ZoneInfo("America/New_York")


def micros_at(local: datetime, zone: ZoneInfo) -> int:
    """Return the microseconds since the epoch of a time in a zone.

    Of a time that the clocks show twice in autumn the first is meant, one that they leave out in spring is
    read by the clock of before. Raises ValueError for one that names an offset itself.
    """
    if local.tzinfo is not None:
        raise ValueError(f"the time {local.isoformat()} has an offset of its own")
    return to_micros(local.replace(tzinfo=zone))


def date_at(micros: int, zone: ZoneInfo) -> date:
    """Return the date in a zone at a time in microseconds since the epoch."""
    return to_datetime(micros).astimezone(zone).date()
