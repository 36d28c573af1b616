"""Asks PostgreSQL for the candles that clients follow, and gives the hub those that have changed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from api.database import Database
from api.live.hub import Hub
from api.live.messages import Candle
from api.live.newest import newest_candles
from api.live.topics import Topic

POLL_SECONDS = 0.25
# An event up to ten minutes late corrects its candle, so one-minute candles change up to eleven back.
DEEP_BUCKETS = 13
# What changes all the time: the present candle, and the one before it that becomes final.
SHALLOW_BUCKETS = 2
# Every so many looks goes deep.
DEEP_EVERY = 8
# More rows in one answer would hold up ticks while they are read.
SYMBOLS_PER_QUERY = 200

Change = tuple[int, bool, str]


class CandleWatch:
    """Looks at the newest candles of what is followed, again and again."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self._seen: dict[Topic, dict[datetime, Change]] = {}
        self._looks = 0

    async def look(self) -> None:
        """Look once; raises :class:`DatabaseUnavailableError` or :class:`OverloadedError`."""
        followed = self._hub.followed("candles")
        if not followed:
            # Who begins to follow is told at once whether the database answers.
            await self._database.check()
        # Who follows what nobody did begins with the present candle, although we may have seen it before.
        followed_before = [topic for topic in followed if self._hub.has_candle(topic)]
        self._seen = {topic: self._seen[topic] for topic in followed_before if topic in self._seen}
        self._looks += 1
        new = [topic for topic in followed if topic not in self._seen]
        await self._look_at(new, DEEP_BUCKETS)
        known = [topic for topic in followed if topic in self._seen]
        await self._look_at(known, SHALLOW_BUCKETS if self._looks % DEEP_EVERY else DEEP_BUCKETS)

    async def _look_at(self, topics: Sequence[Topic], buckets: int) -> None:
        of_interval = attrgetter("interval")
        for interval, group in itertools.groupby(sorted(topics, key=of_interval), key=of_interval):
            symbols = [topic.symbol for topic in group]
            for begin in range(0, len(symbols), SYMBOLS_PER_QUERY):
                part = symbols[begin : begin + SYMBOLS_PER_QUERY]
                found = await newest_candles(self._database, part, interval, buckets)
                read_at = time.monotonic()
                for symbol, candles in itertools.groupby(found, key=attrgetter("symbol")):
                    self._note(Topic("candles", symbol, interval), list(candles), read_at)

    def _note(self, topic: Topic, candles: Sequence[Candle], read_at: float) -> None:
        is_first_look = topic not in self._seen
        seen = self._seen.setdefault(topic, {})
        for candle in candles:
            change = (candle.revision, candle.is_final, candle.origin)
            is_newest = candle is candles[-1]
            if seen.get(candle.bucket_start) != change and (is_newest or not is_first_look):
                self._hub.publish_candle(candle, read_at, is_newest=is_newest)
            seen[candle.bucket_start] = change
        for bucket in sorted(seen)[:-DEEP_BUCKETS]:
            del seen[bucket]
