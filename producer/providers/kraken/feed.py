"""Kraken's WebSocket API v2: keyless, real-time trades of crypto-currencies.

Prices are JSON numbers, read digit by digit. A subscription begins with the last fifty trades: at the
first they tell which number comes next, after a reconnect those that were missed are published. Kraken's own
heartbeats carry no time, so its clock is asked for: the answer to a `ping` holds it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from producer.errors import Never, ProviderError
from producer.events import MarketEvent, to_micros
from producer.providers.streaming.track import Print
from producer.providers.streaming.venue import NOTHING, Heard, Venue

NAME = "kraken"

_TRADES_REQUEST = 1
_QUOTES_REQUEST = 2


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Subscribed(msgspec.Struct, frozen=True):
    channel: str | None = None
    symbol: str | None = None


class _Frame(msgspec.Struct, frozen=True):
    channel: str | None = None
    type: str | None = None
    data: msgspec.Raw = msgspec.Raw()
    method: str | None = None
    req_id: int | None = None
    success: bool | None = None
    error: str | None = None
    symbol: str | None = None
    result: _Subscribed | None = None
    time_out: Moment | None = None


class _Trade(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    price: Decimal
    qty: Decimal
    trade_id: int
    timestamp: Moment


class _Ticker(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    bid: Decimal | None = None
    ask: Decimal | None = None


_frames = msgspec.json.Decoder(_Frame)
_trades = msgspec.json.Decoder(list[_Trade])
_tickers = msgspec.json.Decoder(list[_Ticker])


class KrakenVenue(Venue):
    """Kraken as one feed follows it: trade ids are a sequence without holes in each book."""

    title = "Kraken"
    url_setting = "KRAKEN_WS_URL"
    symbols_setting = "KRAKEN_SYMBOLS"
    question = '{"method":"ping"}'

    def __init__(self, url: str, symbols: tuple[str, ...]) -> None:
        super().__init__(NAME, url, symbols)
        self._refused: set[str] = set()

    def opening(self) -> list[str]:
        """Return the subscriptions to trades and, for the last bid and ask, to tickers."""
        self._refused = set()
        return [
            _subscription("trade", self.symbols, _TRADES_REQUEST),
            _subscription("ticker", self.symbols, _QUOTES_REQUEST),
        ]

    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return what a frame means; symbols are refused one by one, and the others go on."""
        said = _frames.decode(frame)
        match said.channel or said.method:
            case "trade" if said.data:
                return Heard(self._trades(said.type, _trades.decode(said.data), ingest_time))
            case "ticker" if said.data:
                for ticker in _tickers.decode(said.data):
                    self.tape.quote(_canonical(ticker.symbol), ticker.bid, ticker.ask, ingest_time)
            case "pong" if said.time_out is not None:
                return Heard(self.tape.clock(to_micros(said.time_out), ingest_time))
            case "subscribe":
                return self._answered(said, ingest_time)
        return NOTHING

    def _trades(self, kind: str | None, told: list[_Trade], ingest_time: int) -> list[MarketEvent]:
        trades = [
            Print(_canonical(one.symbol), to_micros(one.timestamp), one.price, one.qty, one.trade_id)
            for one in told
        ]
        if kind == "snapshot":
            trades = self._missed(trades)
        return [event for one in trades for event in self.tape.numbered(one, ingest_time)]

    def _missed(self, snapshot: list[Print]) -> list[Print]:
        """Return which of the last trades before a subscription may be new: none at the first."""
        trades = sorted(snapshot, key=lambda one: one.sequence)
        newest = {one.symbol: one for one in trades}
        first = {
            symbol
            for symbol, one in newest.items()
            if self.tape.start_after(symbol, one.sequence, one.event_time)
        }
        return [one for one in trades if one.symbol not in first]

    def _answered(self, said: _Frame, ingest_time: int) -> Heard:
        if said.req_id != _TRADES_REQUEST:
            return NOTHING
        if said.success and said.result is not None and said.result.symbol is not None:
            self.tape.follow(_canonical(said.result.symbol))
            begun = [] if said.time_out is None else self.tape.clock(to_micros(said.time_out), ingest_time)
            return Heard(begun, subscribed=True)
        sentence = (
            f"Kraken refused {said.symbol or 'the subscription'}: {said.error or 'no reason given'}. "
            f"Check KRAKEN_SYMBOLS."
        )
        if said.symbol is None:
            raise ProviderError(sentence)
        self._refused.add(said.symbol)
        if len(self._refused) == len(self.symbols):
            raise ProviderError(sentence, Never("symbol"))
        return Heard(complaint=sentence)


def _subscription(channel: str, symbols: tuple[str, ...], request: int) -> str:
    params: dict[str, object] = {
        "channel": channel,
        "symbol": [symbol.replace("-", "/") for symbol in symbols],
        "snapshot": True,
    }
    if channel == "ticker":
        params["event_trigger"] = "trades"
    frame = {"method": "subscribe", "params": params, "req_id": request}
    return msgspec.json.encode(frame).decode()


def _canonical(symbol: str) -> str:
    return symbol.replace("/", "-")
