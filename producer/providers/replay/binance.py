"""Binance's combined streams, recorded: `local_receive_ns frame` a line; the `@trade` streams count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from producer.events import MarketEvent, trade
from producer.providers.replay.recording import Recording

SOURCE = "replay:binance"

# Binance writes pairs without a separator; the longest quote currency that fits ends the symbol.
QUOTE_CURRENCIES = (
    *("FDUSD", "USDT", "USDC", "TUSD", "BUSD", "BTC", "ETH", "BNB", "EUR", "GBP", "TRY"),
    *("BRL", "JPY", "AUD", "PLN", "USD"),
)


class _Trade(msgspec.Struct, frozen=True, gc=False):
    s: str
    t: int
    p: Decimal
    q: Decimal
    T: int


class _Frame(msgspec.Struct, frozen=True, gc=False):
    data: _Trade


_decoder = msgspec.json.Decoder(_Frame)


def binance_events(recording: Recording) -> Iterator[list[MarketEvent]]:
    """Yield the trades: event time from the venue (milliseconds), ingest time from the receiver (ns)."""
    for line, text in recording.lines():
        received, separator, frame = text.partition(b" ")
        if not (separator and received.isdigit()):
            raise recording.fault(line, "it does not begin with the time of receipt in nanoseconds")
        if b'@trade"' not in frame[:64]:
            continue
        try:
            data = _decoder.decode(frame).data
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise recording.fault(line, error) from error
        yield [
            trade(
                SOURCE,
                canonical_symbol(data.s),
                event_time=data.T * 1_000,
                ingest_time=int(received) // 1_000,
                sequence=data.t,
                price=data.p,
                size=data.q,
            )
        ]


def canonical_symbol(pair: str) -> str:
    """Return `ETH-USDT` for `ETHUSDT`; a pair in no known quote currency stays as it is."""
    for quote in QUOTE_CURRENCIES:
        if pair.endswith(quote) and len(pair) > len(quote):
            return f"{pair.removesuffix(quote)}-{quote}"
    return pair
