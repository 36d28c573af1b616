"""The frames of Coinbase Exchange's WebSocket feed that matter here; unknown fields are ignored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from producer.errors import ProviderError


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Any frame of the feed: what its type does not carry is None. Prices arrive as strings."""

    type: str
    product_id: str | None = None
    trade_id: int | None = None
    last_trade_id: int | None = None
    price: Decimal | None = None
    size: Decimal | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    message: str | None = None
    reason: str | None = None


_decoder = msgspec.json.Decoder(Frame)


def parse_frame(text: str | bytes) -> Frame:
    """Decode a received frame; raises :class:`ProviderError` quoting the start of one that is malformed."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        start = text[:120]
        raise ProviderError(
            f"Coinbase sent a frame that cannot be understood ({error}): {start!r}."
        ) from error


def subscription(products: tuple[str, ...]) -> str:
    """Return the frame that subscribes to the products; it is due within 5 s of connecting."""
    request = {
        "type": "subscribe",
        "product_ids": list(products),
        "channels": ["matches", "ticker", "heartbeat"],
    }
    return msgspec.json.encode(request).decode()
