"""Alpaca's stream of US equities as the exchange IEX trades them; needs a key and its secret.

Trades become events. Quotes show the best bid and ask, and tell the venue's time while nothing trades. Ids of
trades are not consecutive, so what is missing cannot be seen in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from producer.errors import Never, ProviderError, Retry, Soon
from producer.events import MarketEvent, to_micros
from producer.providers.streaming.track import Print
from producer.providers.streaming.venue import NOTHING, Heard, Venue

NAME = "alpaca"
CALENDAR = "XNYS"

_SYMBOL_LIMIT = 405
_PLAN = "Use an address of your plan in ALPACA_WS_URL, such as wss://stream.data.alpaca.markets/v2/iex."
# What can be done about a numbered error, and when to try again; any other is tried again soon.
_ERRORS: dict[int, tuple[Retry, str]] = {
    400: (Never("endpoint"), "Check ALPACA_WS_URL."),
    402: (Never("key"), "Check ALPACA_KEY and ALPACA_SECRET."),
    _SYMBOL_LIMIT: (Never("symbol"), "Name fewer in ALPACA_SYMBOLS: a free plan has 30."),
    406: (Soon(), "The key streams somewhere else: end that, or use another key."),
    409: (Never("endpoint"), _PLAN),
    410: (Never("endpoint"), _PLAN),
}


class _Kind(msgspec.Struct, frozen=True, gc=False):
    T: str | None = None
    msg: str | None = None
    code: int | None = None


class _Subscription(msgspec.Struct, frozen=True):
    trades: list[str] = []


class _Trade(msgspec.Struct, frozen=True, gc=False):
    S: str
    i: int
    p: Decimal
    s: Decimal
    t: str
    x: str = ""


class _Quote(msgspec.Struct, frozen=True, gc=False):
    S: str
    t: str
    bp: Decimal | None = None
    ap: Decimal | None = None


_frames = msgspec.json.Decoder(list[msgspec.Raw])
_kinds = msgspec.json.Decoder(_Kind)
_subscriptions = msgspec.json.Decoder(_Subscription)
_trades = msgspec.json.Decoder(_Trade)
_quotes = msgspec.json.Decoder(_Quote)


class AlpacaVenue(Venue):
    """Alpaca as one feed follows it: silent outside of trading hours, one connection a key."""

    title = "Alpaca"
    url_setting = "ALPACA_WS_URL"
    symbols_setting = "ALPACA_SYMBOLS"
    key_setting = "ALPACA_KEY and ALPACA_SECRET"
    silence_seconds = None

    def __init__(self, url: str, symbols: tuple[str, ...], key: str, secret: str) -> None:
        super().__init__(NAME, url, symbols, secrets=(key, secret))
        self._key = key
        self._secret = secret
        self._trades_confirmed = False

    def calendar(self, symbol: str) -> str:
        """Return the calendar of New York's exchanges."""
        return CALENDAR

    def opening(self) -> list[str]:
        """Return the log-in: a subscription waits for its answer."""
        self._trades_confirmed = False
        return [_frame(action="auth", key=self._key, secret=self._secret)]

    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return what the messages of a frame mean together."""
        heard = [self._message(message, ingest_time) for message in _frames.decode(frame)]
        return Heard(
            events=[event for one in heard for event in one.events],
            replies=[reply for one in heard for reply in one.replies],
            subscribed=any(one.subscribed for one in heard),
            complaint=" ".join(one.complaint for one in heard if one.complaint) or None,
        )

    def _message(self, message: msgspec.Raw, ingest_time: int) -> Heard:
        said = _kinds.decode(message)
        match said.T:
            case "t":
                return Heard(self._trade(_trades.decode(message), ingest_time))
            case "q":
                return Heard(self._quote(_quotes.decode(message), ingest_time))
            case "success" if said.msg == "authenticated":
                return Heard(replies=[_frame(action="subscribe", trades=self.symbols)])
            case "subscription":
                return self._subscribed(_subscriptions.decode(message))
            case "error":
                return self._error(said)
            case _:
                return NOTHING

    def _trade(self, told: _Trade, ingest_time: int) -> list[MarketEvent]:
        time = _micros(told.t)
        # Ids are those of an exchange's day: with the time they are unique.
        identity = f"{time}-{told.x}-{told.i}"
        trade = Print(told.S, time, told.p, told.s, told.i, identity)
        return self.tape.clock(time, ingest_time) + self.tape.unnumbered(trade, ingest_time)

    def _quote(self, told: _Quote, ingest_time: int) -> list[MarketEvent]:
        # A side without an order has the price 0.
        self.tape.quote(told.S, told.bp or None, told.ap or None, ingest_time)
        return self.tape.clock(_micros(told.t), ingest_time)

    def _subscribed(self, told: _Subscription) -> Heard:
        if self._trades_confirmed:
            return NOTHING
        self._trades_confirmed = True
        for symbol in told.trades:
            self.tape.follow(symbol)
        refused = sorted(set(self.symbols) - set(told.trades))
        complaint = f"Alpaca does not stream {', '.join(refused)}. Check ALPACA_SYMBOLS." if refused else None
        # Asked for separately: where a plan has no room for quotes, trades stream nevertheless.
        quotes = _frame(action="subscribe", quotes=told.trades)
        return Heard(replies=[quotes], subscribed=True, complaint=complaint)

    def _error(self, said: _Kind) -> Heard:
        retry, way_out = _ERRORS.get(said.code or 0, (Soon(), "It is tried again."))
        sentence = f"Alpaca says: {said.msg or 'an error'} (code {said.code}). {way_out}"
        if said.code == _SYMBOL_LIMIT and self._trades_confirmed:
            return Heard(complaint=f"Trades stream without bid and ask. {sentence}")
        raise ProviderError(sentence, retry)


def _frame(**fields: str | Sequence[str]) -> str:
    return msgspec.json.encode(fields).decode()


def _micros(text: str) -> int:
    """Read a time with nanoseconds; what is finer than a microsecond is cut off.

    Rounded, a trade could move into the next minute.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"the time {text} has no zone")
    return to_micros(moment)
