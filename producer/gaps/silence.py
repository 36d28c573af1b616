"""Which symbols of a streaming feed have been silent for too long while their venue was open.

Times are microseconds since the epoch, UTC; those at which something was told are by our clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE
from producer.feeds import Feeds
from producer.gaps.detection import FoundGap
from producer.gaps.ledger import GapLedger, Series
from producer.trading_day import ALWAYS_OPEN, sessions

logger = logging.getLogger(__name__)

STREAMING = "streaming"


@dataclass(frozen=True)
class Told:
    """A symbol that is streamed: when it was told of last, or its connection began if that is later."""

    series: Series
    last: int
    is_heard: bool


def silent_since(told: Told, opened: int | None, now: int, longest: int) -> int | None:
    """Return from when on a symbol is silent, at the beginning of that minute; None where it is not.

    ``opened`` is when the venue's present session began, None while it is closed; ``longest`` how long a
    silence may be.
    """
    if opened is None:
        return None
    since = max(told.last, opened)
    return since - since % MICROSECONDS_PER_MINUTE if now - since >= longest else None


def session_opened(calendar: str, now: int) -> int | None:
    """Return when the session that is open began, the epoch for a venue that never closes, None while closed.

    Raises ValueError for a calendar that exchange_calendars doesn't know.
    """
    if calendar == ALWAYS_OPEN:
        return 0
    # A session may lie on either side of midnight UTC of its date.
    around = sessions(calendar, now - 2 * MICROSECONDS_PER_DAY, now + MICROSECONDS_PER_DAY)
    return next((session.opens for session in around if session.opens <= now < session.closes), None)


class SilenceWatch:
    """Writes silences down as gaps, and their end when the symbol is told of again."""

    def __init__(self, ledger: GapLedger, feeds: Feeds, longest: int, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._feeds = feeds
        self._longest = longest
        self._clock = clock
        self._streaming_since: dict[str, int] = {}

    async def look(self) -> None:
        """Look once; raises one of ``DATABASE_ERRORS``."""
        now = self._clock()
        lasting = await self._ledger.lasting_silences()
        for told in self._told(now):
            key = (told.series.symbol, told.series.source)
            if key in lasting:
                # The silence began in the minute of what was told last before it.
                if told.is_heard and told.last - lasting[key] >= self._longest:
                    await self._ledger.end_silence(told.series, told.last)
                continue
            opened = await asyncio.to_thread(_opened, told.series, now)
            since = silent_since(told, opened, now, self._longest)
            if since is not None:
                logger.warning("%s: nothing is told of %s", told.series.source, told.series.symbol)
                await self._ledger.note(told.series, [FoundGap(since, None, None, "silence")])

    def _told(self, now: int) -> list[Told]:
        found = []
        for name in self._feeds.names:
            source, status = self._feeds.providers[name].source, self._feeds.status(name)
            if not self._feeds.is_running(name) or status.state != STREAMING:
                # What is missing while a connection is broken shows in the candles.
                self._streaming_since.pop(name, None)
                continue
            began = self._streaming_since.setdefault(name, now)
            for symbol in source.symbols:
                heard = status.heard.get(symbol, 0)
                series = Series(symbol, source.name, source.calendar)
                found.append(Told(series, max(began, heard), is_heard=heard > 0))
        return found


def _opened(series: Series, now: int) -> int | None:
    try:
        return session_opened(series.calendar, now)
    except ValueError as error:
        logger.warning("silences of %s cannot be noticed: %s", series.symbol, error)
        return None
