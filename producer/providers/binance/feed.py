"""Binance Spot's WebSocket streams: keyless, real-time trades of crypto-currencies.

`@trade` streams are the trades. An `@ticker` stream tells once a second the venue's time, the newest trade
id and the best bid and ask of its symbol: a heartbeat, whose trades are not published a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus

import msgspec

from producer.errors import Never, ProviderError
from producer.events import MICROSECONDS_PER_MILLISECOND
from producer.providers.streaming.track import Print
from producer.providers.streaming.venue import NOTHING, Heard, SessionOverError, Venue

NAME = "binance"

STREAMS_PER_REQUEST = 100
SHUTDOWN = "Binance is about to shut this server down"


class _Refusal(msgspec.Struct, frozen=True):
    code: int | None = None
    msg: str | None = None


class _Frame(msgspec.Struct, frozen=True):
    """A frame of a combined stream, the answer to a request, or an event of the server's own."""

    data: msgspec.Raw = msgspec.Raw()
    e: str | None = None
    id: int | None = None
    error: _Refusal | None = None
    code: int | None = None
    msg: str | None = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    e: str | None = None


class _Trade(msgspec.Struct, frozen=True, gc=False):
    s: str
    t: int
    p: Decimal
    q: Decimal
    T: int


class _Ticker(msgspec.Struct, frozen=True, gc=False):
    s: str
    E: int
    L: int | None = None
    b: Decimal | None = None
    a: Decimal | None = None


_frames = msgspec.json.Decoder(_Frame)
_events = msgspec.json.Decoder(_Event)
_trades = msgspec.json.Decoder(_Trade)
_tickers = msgspec.json.Decoder(_Ticker)


class BinanceVenue(Venue):
    """Binance as one feed follows it: trade ids are consecutive for each symbol."""

    title = "Binance"
    url_setting = "BINANCE_WS_URL"
    symbols_setting = "BINANCE_SYMBOLS"
    silence_seconds = 60.0
    # Binance ends every connection after 24 hours.
    longest_session_seconds = 24 * 3600.0 - 600.0

    def __init__(self, url: str, symbols: tuple[str, ...]) -> None:
        super().__init__(NAME, url, symbols)
        self._canonical = {symbol.replace("-", ""): symbol for symbol in symbols}

    @property
    def address(self) -> str:
        """The address of combined streams, which say in each frame what it is of."""
        return f"{self.url.rstrip('/')}/stream"

    def opening(self) -> list[str]:
        """Return the subscriptions; Binance takes five messages a second."""
        return list(self._subscriptions())

    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return what a frame means; times of Binance are milliseconds."""
        said = _frames.decode(frame)
        if not said.data:
            return self._answered(said)
        match _events.decode(said.data).e:
            case "trade":
                return self._trade(_trades.decode(said.data), ingest_time)
            case "24hrTicker":
                return self._ticker(_tickers.decode(said.data), ingest_time)
            case "serverShutdown":
                raise SessionOverError(SHUTDOWN)
            case _:
                return NOTHING

    def refusal(self, status: int, body: str) -> ProviderError | None:
        """Explain what Binance answers where it must not serve."""
        if status != HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
            return None
        return ProviderError(
            f"Binance does not serve the place where this producer runs (HTTP {status}: {body}). Use another "
            f"feed in FEEDS, such as kraken or coinbase.",
            Never("endpoint"),
        )

    def _answered(self, said: _Frame) -> Heard:
        if said.e == "serverShutdown":
            raise SessionOverError(SHUTDOWN)
        refusal = said.error or (_Refusal(said.code, said.msg) if said.msg is not None else None)
        if refusal is not None:
            raise ProviderError(
                f"Binance refused the subscription: {refusal.msg} (code {refusal.code}). "
                f"Check BINANCE_SYMBOLS.",
                Never("symbol"),
            )
        return Heard(subscribed=said.id is not None)

    def _trade(self, told: _Trade, ingest_time: int) -> Heard:
        symbol = self._canonical.get(told.s)
        if symbol is None:
            return NOTHING
        time = told.T * MICROSECONDS_PER_MILLISECOND
        return Heard(self.tape.numbered(Print(symbol, time, told.p, told.q, told.t), ingest_time))

    def _ticker(self, told: _Ticker, ingest_time: int) -> Heard:
        symbol = self._canonical.get(told.s)
        if symbol is None:
            return NOTHING
        self.tape.quote(symbol, told.b, told.a, ingest_time)
        time = told.E * MICROSECONDS_PER_MILLISECOND
        return Heard(self.tape.heartbeat(symbol, time, ingest_time, told.L))

    def _subscriptions(self) -> Iterator[str]:
        streams = [f"{pair.lower()}@{kind}" for pair in self._canonical for kind in ("trade", "ticker")]
        for number, start in enumerate(range(0, len(streams), STREAMS_PER_REQUEST), start=1):
            params = streams[start : start + STREAMS_PER_REQUEST]
            yield msgspec.json.encode({"method": "SUBSCRIBE", "params": params, "id": number}).decode()
