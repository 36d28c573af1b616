"""Lengths of candles: the stored ones, and every whole multiple of them.

Minutes and hours are counted from 1970-01-01 00:00 UTC: 1h, 4h and 24h begin by the UTC clock. Days and weeks
are made of trading days, labelled by their dates, and counted from Monday, 5 January 1970.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.errors import InvalidRequestError
from db.models import INTERVALS

WRITTEN = re.compile(r"([1-9][0-9]{0,4})([mhdw])", re.ASCII)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
UNITS = {"m": MINUTE, "h": timedelta(hours=1), "d": DAY, "w": timedelta(weeks=1)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
LENGTHS = {
    "1m": MINUTE,
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "1d": DAY,
}
# What can be followed live, and is offered on the chart page. Each one followed costs a query four times a
# second, so it is this list and not every multiple.
FOLLOWED = (*INTERVALS, "30m", "4h", "1w")
LONGEST_BY_CLOCK = timedelta(days=7)
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Interval:
    """A length of candles: ``name`` as it is answered, made of ``stored`` ones."""

    name: str
    stored: str
    length: timedelta

    @property
    def is_stored(self) -> bool:
        """Whether its candles are in the database as they are."""
        return self.name in LENGTHS

    @property
    def stored_length(self) -> timedelta:
        """How long the candles are that it is made of."""
        return LENGTHS[self.stored]

    @property
    def count(self) -> int:
        """The most stored candles that one of it is made of."""
        return self.length // self.stored_length

    @property
    def origin(self) -> datetime:
        """A time at which one begins."""
        return MONDAY if self.stored == "1d" else EPOCH

    @property
    def is_of_days(self) -> bool:
        """Whether it is made of trading days, rather than of minutes by the clock."""
        return self.stored == "1d"

    def floor(self, moment: datetime) -> datetime:
        """Return the newest beginning that is not after a moment."""
        return self.origin + (moment - self.origin) // self.length * self.length

    def ceil(self, moment: datetime) -> datetime:
        """Return the first beginning that is not before a moment."""
        return self.origin - (self.origin - moment) // self.length * self.length


def parsed(text: str) -> Interval:
    """Return the interval that a text as `7m` names; raises :class:`InvalidRequestError`."""
    match = WRITTEN.fullmatch(text)
    if match is None:
        raise InvalidRequestError(
            f"interval: {text!r} is no whole number of minutes, hours, days or weeks: write it as one of "
            f"{', '.join(INTERVALS)}, or a multiple, such as 7m, 4h, 2d or 1w."
        )
    length = int(match[1]) * UNITS[match[2]]
    of_days = match[2] in "dw"
    longest = LONGEST if of_days else LONGEST_BY_CLOCK
    if length > longest:
        raise InvalidRequestError(
            f"interval: {text!r} is longer than {longest.days} days, the most that there is in "
            f"{'days and weeks' if of_days else 'minutes and hours'}: ask for a shorter one."
        )
    if of_days:
        return Interval("1d" if length == DAY else text, "1d", length)
    stored = max(
        (name for name in INTERVALS if name != "1d" and not length % LENGTHS[name]), key=LENGTHS.__getitem__
    )
    return Interval(stored if LENGTHS[stored] == length else text, stored, length)
