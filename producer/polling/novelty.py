"""What is new in the quotes of a poll: a quote that stands still is told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from producer.events import MarketEvent, feed_begin, feed_break


class Novelty:
    """Remembers the last quote of each symbol; with each first one the feed begins."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._last: dict[str, MarketEvent] = {}
        self._published_before: dict[str, int] = {}

    def resume(self, published_before: Mapping[str, int], now: int) -> list[MarketEvent]:
        """Take up what an earlier run published last (event times by symbol): there the feed broke."""
        self._published_before = dict(published_before)
        return [feed_break(self._source, symbol, time, now) for symbol, time in published_before.items()]

    def breaks(self, now: int) -> list[MarketEvent]:
        """Return a break of each symbol where it was seen last."""
        return [feed_break(self._source, symbol, last.event_time, now) for symbol, last in self._last.items()]

    def new(self, quotes: Sequence[MarketEvent]) -> list[MarketEvent]:
        """Return the quotes that were not told yet, each symbol's first after the beginning of its feed."""
        events: list[MarketEvent] = []
        for quote in quotes:
            symbol = quote.symbol
            if symbol is None or self._is_known(symbol, quote):
                continue
            if symbol not in self._last:
                events.append(feed_begin(self._source, symbol, quote.event_time, quote.ingest_time))
            self._last[symbol] = quote
            events.append(quote)
        return events

    def _is_known(self, symbol: str, quote: MarketEvent) -> bool:
        last = self._last.get(symbol)
        if last is None:
            return quote.event_time <= self._published_before.get(symbol, -1)
        return last.event_id == quote.event_id
