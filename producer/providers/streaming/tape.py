"""A venue's tape as one feed follows it: which trades are new, where some are missing, what time it is there.

It outlives connections, so that a trade which a venue repeats after a reconnect is published once and one
that was missed meanwhile is noticed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from producer.events import (
    MICROSECONDS_PER_SECOND,
    MarketEvent,
    feed_begin,
    feed_break,
    heartbeat,
    trade,
)
from producer.providers.protocol import BestQuote, FeedStatus
from producer.providers.streaming.track import Print, Track
from producer.trading_day import ALWAYS_OPEN, trading_day

logger = logging.getLogger(__name__)

# One a second is enough to move a watermark, however often a venue tells its time.
HEARTBEAT_SPACING = MICROSECONDS_PER_SECOND * 9 // 10


def always_open(_symbol: str) -> str:
    """The calendar of a venue that never closes."""
    return ALWAYS_OPEN


class Tape:
    """Makes events of what a venue tells; every time it is given is the venue's, ``ingest_time`` is ours."""

    def __init__(self, source: str, status: FeedStatus, calendar: Callable[[str], str] = always_open) -> None:
        self.source = source
        self._status = status
        self._calendar = calendar
        self._tracks: dict[str, Track] = {}
        self._last_heartbeat = 0

    def follow(self, symbol: str) -> None:
        """Note that the venue has confirmed a symbol: the feed of it begins with the venue's next time."""
        self._track(symbol)

    def start_after(self, symbol: str, trade_id: int, event_time: int) -> bool:
        """Take a trade of before the subscription for the one that numbers go on from.

        Returns False where a number is known already, as after a reconnect: then the trade may be one
        that was missed.
        """
        track = self._track(symbol)
        if track.last_trade_id is not None:
            return False
        track.last_trade_id, track.last_trade_time = trade_id, event_time
        return True

    def numbered(self, told: Print, ingest_time: int) -> list[MarketEvent]:
        """Return the events of a trade at a venue that numbers a symbol's trades without holes."""
        track = self._heard(told.symbol, ingest_time)
        known = track.last_trade_id
        if known is not None and told.sequence <= known and not track.is_numbered_anew(told):
            return []
        events = self._seen(track, told.event_time, ingest_time)
        if known is not None and told.sequence > known + 1:
            events += self._gap(track, told.sequence - 1, told.event_time, ingest_time)
        elif known is not None and told.sequence <= known:
            logger.warning("%s: the trades of %s are numbered anew", self.source, told.symbol)
            track.announced_id = track.reported_id = 0
            track.overdue_id = None
            self._status.gaps += 1
            events.append(self.broken(told.symbol, track.last_trade_time or told.event_time, ingest_time))
        track.last_trade_id, track.last_trade_time = told.sequence, told.event_time
        return [*events, self._trade(told, ingest_time)]

    def unnumbered(self, told: Print, ingest_time: int) -> list[MarketEvent]:
        """Return the events of a trade at a venue whose ids say nothing of what is missing."""
        track = self._heard(told.symbol, ingest_time)
        event = self._trade(told, ingest_time)
        if track.is_repeated(event.event_id):
            return []
        return [*self._seen(track, told.event_time, ingest_time), event]

    def announce(self, symbol: str, trade_id: int) -> None:
        """Note a trade id that the venue mentions outside the trades themselves."""
        track = self._track(symbol)
        track.announced_id = max(track.announced_id, trade_id)

    def heartbeat(
        self, symbol: str, venue_time: int, ingest_time: int, last_trade_id: int | None
    ) -> list[MarketEvent]:
        """Return the events of a venue's heartbeat for one symbol, which tells its newest trade.

        A heartbeat may overtake the trade it announces, but not by a whole heartbeat.
        """
        track = self._heard(symbol, ingest_time)
        events = self._seen(track, venue_time, ingest_time)
        known = track.last_trade_id
        if known is not None and track.overdue_id is not None and track.overdue_id > known:
            events += self._gap(track, track.overdue_id, venue_time, ingest_time)
        track.announced_id = max(track.announced_id, last_trade_id or 0)
        track.overdue_id = track.announced_id
        return events + self._spaced_heartbeat(venue_time, ingest_time)

    def clock(self, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        """Return the events of a time that holds for everything the connection follows."""
        begun = [
            event for track in self._tracks.values() for event in self._seen(track, venue_time, ingest_time)
        ]
        return begun + self._spaced_heartbeat(venue_time, ingest_time)

    def quote(self, symbol: str, bid: Decimal | None, ask: Decimal | None, ingest_time: int) -> None:
        """Show the best bid and ask; candles are made of trades alone."""
        self._status.heard[symbol] = ingest_time
        self._status.quotes[symbol] = BestQuote(bid, ask)

    def disconnected(self, ingest_time: int) -> list[MarketEvent]:
        """Return a break, at its last venue time, for each symbol that has shown one since the last."""
        breaks = []
        for track in self._tracks.values():
            if track.venue_time is not None and track.venue_time != track.broke_at:
                track.broke_at = track.venue_time
                breaks.append(self.broken(track.symbol, track.venue_time, ingest_time))
        return breaks

    def broken(self, symbol: str, event_time: int, ingest_time: int) -> MarketEvent:
        """Return the break that says: trades of this symbol may be missing from this time on."""
        return self._dated(feed_break(self.source, symbol, event_time, ingest_time))

    def _heard(self, symbol: str, ingest_time: int) -> Track:
        self._status.heard[symbol] = ingest_time
        return self._track(symbol)

    def _track(self, symbol: str) -> Track:
        track = self._tracks.get(symbol)
        if track is None:
            track = self._tracks[symbol] = Track(symbol)
        return track

    def _seen(self, track: Track, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        began = track.venue_time is None
        track.venue_time = max(venue_time, track.venue_time or 0)
        self._status.last_event_time = max(venue_time, self._status.last_event_time or 0)
        if not began:
            return []
        return [self._dated(feed_begin(self.source, track.symbol, venue_time, ingest_time))]

    def _gap(self, track: Track, missing_id: int, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        if missing_id <= track.reported_id:
            return []
        first_missing = max((track.last_trade_id or 0) + 1, track.reported_id + 1)
        track.reported_id = missing_id
        self._status.gaps += 1
        logger.warning(
            "%s: trades %d to %d of %s are missing", self.source, first_missing, missing_id, track.symbol
        )
        return [self.broken(track.symbol, track.last_trade_time or venue_time, ingest_time)]

    def _spaced_heartbeat(self, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        if venue_time < self._last_heartbeat + HEARTBEAT_SPACING:
            return []
        self._last_heartbeat = venue_time
        return [heartbeat(self.source, venue_time, ingest_time)]

    def _trade(self, told: Print, ingest_time: int) -> MarketEvent:
        event = trade(
            self.source,
            told.symbol,
            event_time=told.event_time,
            ingest_time=ingest_time,
            sequence=told.sequence,
            price=told.price,
            size=told.size,
        )
        if told.identity is not None:
            event = replace(event, event_id=f"{self.source}:{told.symbol}:{told.identity}")
        return self._dated(event)

    def _dated(self, event: MarketEvent) -> MarketEvent:
        """Put an event of a venue that closes on its trading day."""
        calendar = self._calendar(event.symbol or "")
        if calendar == ALWAYS_OPEN:
            return event
        day = trading_day(calendar, event.event_time)
        return replace(event, trading_day=day.date, session_end=day.session_end)
