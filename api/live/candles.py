"""Asks PostgreSQL for the candles that clients follow, and gives the hub those that have changed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextClause, text

from api.database import Database
from api.live.hub import Hub
from api.live.messages import Candle
from api.live.topics import Topic

POLL_SECONDS = 0.25
# An event up to ten minutes late corrects its candle, so one-minute candles change up to eleven back.
DEEP_BUCKETS = 13
# What changes all the time: the present candle, and the one before it that becomes final.
SHALLOW_BUCKETS = 2
# Every so many looks goes deep.
DEEP_EVERY = 8
# More rows in one answer would hold up ticks while they are read.
TOPICS_PER_QUERY = 200

Change = tuple[int, bool, str]


def newest_candles(topics: Sequence[Topic], buckets: int) -> TextClause:
    """Build the query of the newest candles of each topic, oldest first."""
    return text(
        r"""
        SELECT candle.* FROM unnest(CAST(:symbols AS text[]), CAST(:intervals AS text[]))
            AS followed (symbol, "interval")
        CROSS JOIN LATERAL (
            SELECT symbol, "interval", bucket_start, trim_scale(open)\:\:text AS open,
                   trim_scale(high)\:\:text AS high, trim_scale(low)\:\:text AS low,
                   trim_scale(close)\:\:text AS close, trim_scale(volume)\:\:text AS volume,
                   trim_scale(vwap)\:\:text AS vwap, trade_count, is_final, is_partial, revision, origin,
                   source
            FROM candles
            WHERE candles.symbol = followed.symbol AND candles."interval" = followed."interval"
            ORDER BY bucket_start DESC LIMIT :buckets
        ) AS candle
        ORDER BY candle.symbol, candle."interval", candle.bucket_start
        """
    ).bindparams(
        symbols=[topic.symbol for topic in topics],
        intervals=[topic.interval for topic in topics],
        buckets=buckets,
    )


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
        for begin in range(0, len(topics), TOPICS_PER_QUERY):
            part = topics[begin : begin + TOPICS_PER_QUERY]
            rows = await self._database.rows(newest_candles(part, buckets))
            read_at = time.monotonic()
            grouped = itertools.groupby(rows, lambda row: Topic("candles", row.symbol, row.interval))
            for topic, candles in grouped:
                self._note(topic, list(candles), read_at)

    def _note(self, topic: Topic, rows: list[Row[Any]], read_at: float) -> None:
        is_first_look = topic not in self._seen
        seen = self._seen.setdefault(topic, {})
        for row in rows:
            change = (row.revision, row.is_final, row.origin)
            is_newest = row is rows[-1]
            if seen.get(row.bucket_start) != change and (is_newest or not is_first_look):
                self._hub.publish_candle(_candle(row), read_at, is_newest=is_newest)
            seen[row.bucket_start] = change
        for bucket in sorted(seen)[:-DEEP_BUCKETS]:
            del seen[bucket]


def _candle(row: Sequence[Any]) -> Candle:
    return Candle(*row)
