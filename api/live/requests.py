"""What a client may ask for, checked."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.errors import InvalidRequestError
from api.intervals import FOLLOWED
from api.live.topics import CHANNELS, Channel

SYMBOLS_PER_CLIENT = 500

Symbol = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="subscribe"):
    """Follow these channels of these symbols; without channels all of them."""

    symbols: Annotated[tuple[Symbol, ...], msgspec.Meta(min_length=1, max_length=SYMBOLS_PER_CLIENT)]
    channels: Annotated[tuple[Channel, ...], msgspec.Meta(min_length=1, max_length=3)] = CHANNELS
    interval: str = "1m"


class Unsubscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="unsubscribe"):
    """Follow these channels of these symbols no longer; without an interval, candles of none."""

    symbols: Annotated[tuple[Symbol, ...], msgspec.Meta(min_length=1, max_length=SYMBOLS_PER_CLIENT)]
    channels: Annotated[tuple[Channel, ...], msgspec.Meta(min_length=1, max_length=3)] = CHANNELS
    interval: str | None = None


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="ping"):
    """Ask for a sign of life."""


Request = Subscribe | Unsubscribe | Ping

_decoder = msgspec.json.Decoder(Subscribe | Unsubscribe | Ping)


def parse(text: str | bytes) -> Request:
    """Read a client's message; raises :class:`InvalidRequestError`, which says what is wrong with it."""
    try:
        request: Request = _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise InvalidRequestError(
            f"The message is not understood: {error}. Send an object such as "
            f'{{"op": "subscribe", "symbols": ["BTC-USD"], "channels": ["ticks"]}}.'
        ) from None
    if isinstance(request, (Subscribe, Unsubscribe)) and request.interval is not None:
        check_interval(request.interval)
    return request


def check_interval(interval: str) -> None:
    """Raise :class:`InvalidRequestError` for an interval that cannot be followed."""
    if interval not in FOLLOWED:
        raise InvalidRequestError(
            f"There are no live candles of the interval {interval!r}: choose one of {', '.join(FOLLOWED)}. "
            f"Others are made on request, by /api/v1/candles."
        )


def check_count(following: int) -> None:
    """Raise :class:`InvalidRequestError` where a client would follow more symbols than it may."""
    if following > SYMBOLS_PER_CLIENT:
        raise InvalidRequestError(
            f"A connection may follow {SYMBOLS_PER_CLIENT} symbols, and this would make {following}: "
            f"unsubscribe from some, or open another connection."
        )
