"""Finnhub's stream of trades: US equities, and symbols of forex and crypto venues; needs a key.

A trade has no id: its time, and how many of that time came before it on the connection, identify it.
Finnhub's pings carry no time and there are no quotes, so while nothing trades there is no clock either.
"""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from urllib.parse import quote

import msgspec

from producer.errors import FeedUnavailableError, Never, ProviderError
from producer.events import MICROSECONDS_PER_MILLISECOND, MarketEvent
from producer.providers.protocol import Provider, Source
from producer.providers.streaming.feed import StreamingFeed
from producer.providers.streaming.track import Print
from producer.providers.streaming.venue import NOTHING, Heard, Venue
from producer.settings import ProducerSettings
from producer.trading_day import ALWAYS_OPEN

NAME = "finnhub"
CALENDAR = "XNYS"
DESCRIPTION = "Finnhub, trades"

REMEMBERED_TIMES = 1_000


class _Trade(msgspec.Struct, frozen=True, gc=False):
    s: str
    p: Decimal
    v: Decimal
    t: int


class _Frame(msgspec.Struct, frozen=True):
    type: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    msg: str | None = None


_frames = msgspec.json.Decoder(_Frame)
_trades = msgspec.json.Decoder(list[_Trade])


class FinnhubVenue(Venue):
    """Finnhub as one feed follows it: the key is part of the address, subscriptions are not confirmed."""

    title = "Finnhub"
    url_setting = "FINNHUB_WS_URL"
    symbols_setting = "FINNHUB_SYMBOLS"
    key_setting = "FINNHUB_KEY"
    silence_seconds = None

    def __init__(self, url: str, symbols: tuple[str, ...], key: str) -> None:
        super().__init__(NAME, url, symbols, secrets=(key, quote(key, safe="")))
        self._key = key
        self._refused: set[str] = set()
        self._counts: dict[str, OrderedDict[int, int]] = {}

    @property
    def address(self) -> str:
        """The address with the key in it."""
        separator = "&" if "?" in self.url else "?"
        return f"{self.url}{separator}token={quote(self._key, safe='')}"

    def calendar(self, symbol: str) -> str:
        """Return New York's; a symbol that names its venue, such as BINANCE:BTCUSDT, never closes."""
        return ALWAYS_OPEN if ":" in symbol else CALENDAR

    def opening(self) -> list[str]:
        """Return a subscription a symbol."""
        self._refused = set()
        self._counts = {}
        return [
            msgspec.json.encode({"type": "subscribe", "symbol": symbol}).decode() for symbol in self.symbols
        ]

    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return what a frame means; times of Finnhub are milliseconds."""
        said = _frames.decode(frame)
        match said.type:
            case "trade" if said.data:
                return Heard(self._trades(_trades.decode(said.data), ingest_time))
            case "ping":
                return Heard(subscribed=True)
            case "error":
                return self._error(said.msg or "an error without a reason")
            case _:
                return NOTHING

    def _trades(self, told: list[_Trade], ingest_time: int) -> list[MarketEvent]:
        events: list[MarketEvent] = []
        for symbol in self.symbols:
            if symbol not in self._refused:
                self.tape.follow(symbol)
        for one in told:
            time = one.t * MICROSECONDS_PER_MILLISECOND
            index = self._index(one.s, time)
            trade = Print(one.s, time, one.p, one.v, index, f"{time}-{index}")
            events += self.tape.clock(time, ingest_time)
            events += self.tape.unnumbered(trade, ingest_time)
        return events

    def _index(self, symbol: str, time: int) -> int:
        """Return how many trades of a symbol this connection has shown at a time before this one."""
        counts = self._counts.setdefault(symbol, OrderedDict())
        index = counts.get(time, 0)
        counts[time] = index + 1
        if len(counts) > REMEMBERED_TIMES:
            counts.popitem(last=False)
        return index

    def _error(self, said: str) -> Heard:
        if "api key" in said.lower() or "token" in said.lower():
            raise ProviderError(f"Finnhub refused the key: {said}. Check FINNHUB_KEY.", Never("key"))
        sentence = f"Finnhub says: {said}. Check FINNHUB_SYMBOLS, or what the plan of the key covers."
        self._refused |= {symbol for symbol in self.symbols if said.endswith(f" {symbol}")}
        if len(self._refused) == len(self.symbols):
            raise ProviderError(sentence, Never("symbol"))
        return Heard(complaint=sentence)


def provider(settings: ProducerSettings) -> Provider:
    """Return Finnhub as configured: a live feed, for which a key is needed."""
    symbols = settings.finnhub_symbols

    def feed() -> StreamingFeed:
        key = settings.finnhub_key.get_secret_value()
        if not key:
            raise FeedUnavailableError("The feed finnhub needs FINNHUB_KEY: set it and restart the producer.")
        return StreamingFeed(FinnhubVenue(settings.finnhub_ws_url, symbols, key))

    source = Source(NAME, "live", DESCRIPTION, symbols)
    return Provider(source, feed=feed, addresses=(settings.finnhub_ws_url,))
