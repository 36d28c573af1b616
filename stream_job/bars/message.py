"""A message of bars, read with suspicion: what is no bar is set aside with a reason, and stops no other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from producer.bars import INTERVAL_MICROS, Bar, day_start
from producer.events import to_datetime, to_micros

WHOLE_MESSAGE: Final = None
EARLIEST_MICROS: Final = to_micros(datetime(1900, 1, 1, tzinfo=UTC))
MAX_NAME_CHARACTERS: Final = 64
# What numeric(38, 18) holds before its point.
NUMBER_LIMIT: Final = Decimal(10) ** 20
MAX_COUNT: Final = 2**63 - 1

_SYMBOL_SIGNS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/:^=")
_raw_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_bar_decoder = msgspec.json.Decoder(Bar)


@dataclass(frozen=True)
class Rejected:
    """A bar that cannot become a candle: its bytes, its place in the message (None: all of it), and why."""

    body: bytes
    index: int | None
    reason: str


@dataclass(frozen=True)
class Arrived:
    """A good bar with its bytes and its place, so that a later refusal can still say which it was."""

    bar: Bar
    body: bytes
    index: int


class _BadBarError(ValueError):
    """The sentence says what is wrong with a bar."""


def read_message(body: bytes, now: int) -> tuple[list[Arrived], list[Rejected]]:
    """Tell good bars from others; `now` is our clock in microseconds UTC, before which a bar must have ended.

    Of two bars of one candle the later in the message counts.
    """
    try:
        elements = _raw_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [], [Rejected(body, WHOLE_MESSAGE, f"message is no JSON array of bars: {error}")]
    good: dict[tuple[str, str, int], Arrived] = {}
    rejected = []
    for index, element in enumerate(elements):
        content = bytes(element)
        try:
            bar = _bar_decoder.decode(content)
            _check(bar, now)
        except (msgspec.DecodeError, UnicodeDecodeError, _BadBarError) as error:
            rejected.append(Rejected(content, index, f"bar refused: {error}"))
        else:
            good[bar.symbol, bar.interval, bar.bucket_start] = Arrived(bar, content, index)
    # In the order of their keys, as every writer locks rows.
    return [good[key] for key in sorted(good)], rejected


def _check(bar: Bar, now: int) -> None:
    if not 1 <= len(bar.symbol) <= MAX_NAME_CHARACTERS or not _SYMBOL_SIGNS.issuperset(bar.symbol):
        raise _BadBarError("symbol must be 1 to 64 characters of A-Z, 0-9 and . - _ / : ^ =")
    if not 1 <= len(bar.source) <= MAX_NAME_CHARACTERS or not bar.source.isprintable():
        raise _BadBarError("source must be 1 to 64 characters, none of them a control character")
    _check_time(bar, now)
    for name in ("open", "high", "low", "close"):
        _check_number(name, getattr(bar, name), must_be_positive=True)
    _check_number("volume", bar.volume, must_be_positive=False)
    if bar.vwap is not None:
        _check_number("vwap", bar.vwap, must_be_positive=True)
    if not bar.low <= min(bar.open, bar.close) or not max(bar.open, bar.close) <= bar.high:
        raise _BadBarError(
            f"open {bar.open} and close {bar.close} must lie between low {bar.low} and high {bar.high}"
        )
    if bar.trade_count is not None and not 0 <= bar.trade_count <= MAX_COUNT:
        raise _BadBarError(f"trade_count must not be negative, or above {MAX_COUNT}: {bar.trade_count}")


def _check_time(bar: Bar, now: int) -> None:
    if not EARLIEST_MICROS <= bar.bucket_start <= now:
        raise _BadBarError(
            f"bucket_start must be in microseconds since 1970, between 1900 and now: {bar.bucket_start}"
        )
    if bar.bucket_start % INTERVAL_MICROS[bar.interval]:
        raise _BadBarError(
            f"bucket_start {to_datetime(bar.bucket_start)} is not the beginning of a bar of {bar.interval}"
        )
    try:
        day = date.fromisoformat(bar.trading_day)
    except ValueError:
        raise _BadBarError(f"trading_day must be a date as 2024-08-09: {bar.trading_day!r}") from None
    if bar.interval == "1d" and day_start(day) != bar.bucket_start:
        raise _BadBarError(f"bucket_start of a day must be midnight UTC of its trading_day {day}")
    if not bar.bucket_start < bar.end <= now:
        raise _BadBarError(f"the bar is not finished: it ends at {bar.end} microseconds since 1970")


def _check_number(name: str, value: Decimal, *, must_be_positive: bool) -> None:
    if not value.is_finite() or value < 0 or (must_be_positive and value == 0):
        raise _BadBarError(f"{name} must be {'above' if must_be_positive else 'at least'} zero: {value}")
    if value >= NUMBER_LIMIT:
        raise _BadBarError(f"{name} must be below 10^20: {value}")
