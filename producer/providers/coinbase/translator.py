"""Turns Coinbase frames into market events, for the live feed and for recordings alike.

`match` frames are the trades. A `last_match` repeats the trade before the subscription: it sets the
trade id from which contiguity is watched, and is published only when, after a reconnect, it is new.
`ticker` frames repeat trades that `match` frames tell in full: publishing them too would give candles
a second source of truth, so they only serve to notice missing trades and to show the last bid and ask.
`heartbeat` frames carry the venue's time.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from producer.events import (
    MICROSECONDS_PER_SECOND,
    MarketEvent,
    feed_begin,
    feed_break,
    heartbeat,
    to_micros,
    trade,
)
from producer.providers.coinbase.frames import Frame
from producer.providers.protocol import BestQuote, FeedStatus

logger = logging.getLogger(__name__)

# Every product has its own heartbeat each second; one a second is enough to move a watermark.
HEARTBEAT_SPACING = MICROSECONDS_PER_SECOND * 9 // 10


@dataclass
class _Product:
    """What is known of one product's trades so far."""

    symbol: str
    last_trade_id: int | None = None
    last_trade_time: int | None = None
    venue_time: int | None = None
    broke_at: int | None = None
    announced_id: int = 0
    overdue_id: int | None = None
    reported_id: int = 0


class CoinbaseTranslator:
    """Keeps, per product, the last trade id and the venue's time; a lost trade becomes a break."""

    def __init__(self, source: str, status: FeedStatus) -> None:
        self.source = source
        self._status = status
        self._products: dict[str, _Product] = {}
        self._last_heartbeat = 0

    def translate(self, frame: Frame, ingest_time: int) -> list[MarketEvent]:
        """Return the events of one frame received at ``ingest_time`` (microseconds, UTC)."""
        if frame.product_id is None or frame.time is None:
            return []
        product = self._products.setdefault(frame.product_id, _Product(frame.product_id))
        match frame.type:
            case "match" | "last_match":
                return self._trade(frame, product, ingest_time)
            case "ticker":
                self._status.quotes[frame.product_id] = BestQuote(frame.best_bid, frame.best_ask)
                product.announced_id = max(product.announced_id, frame.trade_id or 0)
                return []
            case "heartbeat":
                return self._heartbeat(frame, product, ingest_time)
            case _:
                return []

    def disconnected(self, ingest_time: int) -> list[MarketEvent]:
        """Return a break, at its last venue time, for each product that has shown one since the last."""
        breaks = []
        for product in self._products.values():
            if product.venue_time is not None and product.venue_time != product.broke_at:
                product.broke_at = product.venue_time
                breaks.append(feed_break(self.source, product.symbol, product.venue_time, ingest_time))
        return breaks

    def _trade(self, frame: Frame, product: _Product, ingest_time: int) -> list[MarketEvent]:
        if frame.trade_id is None or frame.price is None or frame.size is None:
            return []
        event_time = _venue_time(frame)
        known = product.last_trade_id
        if known is None and frame.type == "last_match":
            product.last_trade_id, product.last_trade_time = frame.trade_id, event_time
            return []
        if known is not None and frame.trade_id <= known:
            return []
        events = self._seen(frame, product, event_time, ingest_time)
        if known is not None and frame.trade_id > known + 1:
            events += self._gap(frame, product, frame.trade_id - 1, ingest_time)
        product.last_trade_id, product.last_trade_time = frame.trade_id, event_time
        events.append(
            trade(
                self.source,
                product.symbol,
                event_time=event_time,
                ingest_time=ingest_time,
                sequence=frame.trade_id,
                price=frame.price,
                size=frame.size,
            )
        )
        return events

    def _heartbeat(self, frame: Frame, product: _Product, ingest_time: int) -> list[MarketEvent]:
        venue_time = _venue_time(frame)
        events = self._seen(frame, product, venue_time, ingest_time)
        known = product.last_trade_id
        # A ticker or heartbeat may overtake the match it announces, but not by a whole heartbeat.
        if known is not None and product.overdue_id is not None and product.overdue_id > known:
            events += self._gap(frame, product, product.overdue_id, ingest_time)
        product.announced_id = max(product.announced_id, frame.last_trade_id or 0)
        product.overdue_id = product.announced_id
        if venue_time >= self._last_heartbeat + HEARTBEAT_SPACING:
            self._last_heartbeat = venue_time
            events.append(heartbeat(self.source, venue_time, ingest_time))
        return events

    def _seen(self, frame: Frame, product: _Product, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        began = product.venue_time is None
        product.venue_time = max(venue_time, product.venue_time or 0)
        self._status.last_event_time = max(venue_time, self._status.last_event_time or 0)
        if not began:
            return []
        return [feed_begin(self.source, product.symbol, venue_time, ingest_time)]

    def _gap(self, frame: Frame, product: _Product, missing_id: int, ingest_time: int) -> list[MarketEvent]:
        if missing_id <= product.reported_id:
            return []
        first_missing = max((product.last_trade_id or 0) + 1, product.reported_id + 1)
        product.reported_id = missing_id
        self._status.gaps += 1
        symbol = product.symbol
        logger.warning(
            "%s: trades %d to %d of %s are missing", self.source, first_missing, missing_id, symbol
        )
        broke_at = product.last_trade_time or _venue_time(frame)
        return [feed_break(self.source, symbol, broke_at, ingest_time)]


def _venue_time(frame: Frame) -> int:
    assert frame.time is not None  # noqa: S101  # translate() lets no frame without a time pass
    return to_micros(frame.time)
