"""What the suite must know of a venue to speak as it: its frames, in the form that it documents."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from websockets.asyncio.server import ServerConnection

from producer.events import to_micros
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed

# Half past ten in New York: every venue of the suite is open.
START = datetime(2025, 3, 4, 15, 30, 20, tzinfo=UTC)
PRICE = "105944.20000000000000001"
SIZE = "0.00027625"


def moment(second: float) -> datetime:
    return START + timedelta(seconds=second)


def at(second: float) -> int:
    return to_micros(moment(second))


def milliseconds(second: float) -> int:
    return at(second) // 1_000


def iso(second: float) -> str:
    return moment(second).isoformat(timespec="microseconds").replace("+00:00", "Z")


def framed(**fields: Any) -> str:
    return json.dumps(fields)


@dataclass(frozen=True)
class Script:
    """What the venue does on one connection: answer the subscription, send frames, then this with it."""

    frames: tuple[str | bytes, ...] = ()
    then: Literal["hold", "drop", "mute"] = "hold"
    refused: tuple[str, ...] = ()
    wrong_key: bool = False


class Dialect(ABC):
    """One venue; symbols are canonical everywhere outside of its frames."""

    name: str
    symbols: tuple[str, str] = ("BTC-USD", "ETH-USD")
    secrets: tuple[str, ...] = ()
    # Whether trade ids have no holes, so that a missing trade shows.
    numbered = True
    # Whether it refuses one symbol and streams the others.
    refuses_one_by_one = False
    # Whether it may have nothing to say for hours, so that silence means nothing.
    may_be_silent = False
    # Microseconds since the epoch at which the session of START closes.
    session_end: int | None = None

    @abstractmethod
    def feed(self, url: str, patience: Patience) -> StreamingFeed:
        """Return the provider's feed of the symbols, connected to this address."""

    @abstractmethod
    async def welcome(self, connection: ServerConnection, script: Script) -> None:
        """Take the subscription as the venue does, up to its confirmation or refusal."""

    @abstractmethod
    def trade(
        self, symbol: str, number: int, second: float, price: str = PRICE, size: str = SIZE, extra: str = ""
    ) -> str:
        """Return the frame of one trade; ``extra`` is JSON text of further fields."""

    def clock(self, second: float) -> str | None:
        """Return a frame with the venue's time and no trade, or None where it has none."""
        return None

    @property
    @abstractmethod
    def idle(self) -> tuple[str, ...]:
        """Frames that a venue sends beside trades and time, known and unheard of."""

    def said_of_wrong_key(self) -> tuple[int, str] | None:
        """Return the HTTP status and body with which a wrong key is answered, if it is by HTTP."""
        return None
