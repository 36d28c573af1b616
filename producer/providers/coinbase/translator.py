"""Turns Coinbase frames into market events, for the live feed and for recordings alike.

`match` frames are the trades. A `last_match` repeats the trade before the subscription: it sets the
trade id from which contiguity is watched, and is published only when, after a reconnect, it is new.
`ticker` frames repeat trades that `match` frames tell in full: publishing them too would give candles
a second source of truth, so they only serve to notice missing trades and to show the last bid and ask.
`heartbeat` frames carry the venue's time.
"""

from __future__ import annotations

from producer.events import MarketEvent, to_micros
from producer.providers.coinbase.frames import Frame
from producer.providers.protocol import FeedStatus
from producer.providers.streaming.tape import Tape
from producer.providers.streaming.track import Print


class CoinbaseTranslator:
    """Keeps, per product, the last trade id and the venue's time; a lost trade becomes a break."""

    def __init__(self, source: str, status: FeedStatus) -> None:
        self.tape = Tape(source, status)

    def translate(self, frame: Frame, ingest_time: int) -> list[MarketEvent]:
        """Return the events of one frame received at ``ingest_time`` (microseconds, UTC)."""
        if frame.product_id is None or frame.time is None:
            return []
        venue_time = to_micros(frame.time)
        match frame.type:
            case "match" | "last_match":
                return self._trade(frame, frame.product_id, venue_time, ingest_time)
            case "ticker":
                self.tape.quote(frame.product_id, frame.best_bid, frame.best_ask, ingest_time)
                self.tape.announce(frame.product_id, frame.trade_id or 0)
                return []
            case "heartbeat":
                return self.tape.heartbeat(frame.product_id, venue_time, ingest_time, frame.last_trade_id)
            case _:
                return []

    def disconnected(self, ingest_time: int) -> list[MarketEvent]:
        """Return a break, at its last venue time, for each product that has shown one since the last."""
        return self.tape.disconnected(ingest_time)

    def _trade(self, frame: Frame, product: str, venue_time: int, ingest_time: int) -> list[MarketEvent]:
        if frame.trade_id is None or frame.price is None or frame.size is None:
            return []
        if frame.type == "last_match" and self.tape.start_after(product, frame.trade_id, venue_time):
            return []
        told = Print(product, venue_time, frame.price, frame.size, frame.trade_id)
        return self.tape.numbered(told, ingest_time)
