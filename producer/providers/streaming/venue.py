"""What a streaming venue is to the session around it: an address, what to send, and what frames mean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from producer.errors import ProviderError
from producer.events import MarketEvent
from producer.providers.protocol import FeedStatus
from producer.providers.streaming.tape import Tape
from producer.trading_day import ALWAYS_OPEN

REDACTED = "***"
QUOTED_CHARACTERS = 120


class SessionOverError(Exception):
    """The venue ends a connection by its own rules: the next one is due, and nothing is wrong."""


@dataclass(frozen=True)
class Heard:
    """What one frame means: events to publish, frames to answer with, and how the subscription is.

    ``complaint`` is a sentence on a part that the venue refuses while the rest goes on.
    """

    events: Sequence[MarketEvent] = ()
    replies: Sequence[str] = ()
    subscribed: bool = False
    complaint: str | None = None


NOTHING = Heard()
# What reading a frame may fail with: no JSON, another shape, a time or a number out of any range.
MALFORMED = (msgspec.DecodeError, ValueError, ArithmeticError)


class Venue(ABC):
    """One venue as one feed follows it, over all of its connections.

    ``silence_seconds``: silence this long is a dead connection. None where the venue may have nothing to
    say for hours: then only unanswered pings of the WebSocket protocol tell.
    ``question`` is a frame that is sent every ``question_seconds``, where a venue tells its time when asked.
    ``longest_session_seconds``: a venue that ends every connection after a time is left a little before.
    """

    title: ClassVar[str]
    url_setting: ClassVar[str]
    symbols_setting: ClassVar[str]
    key_setting: ClassVar[str | None] = None

    silence_seconds: float | None = 15.0
    question: str | None = None
    question_seconds: float = 5.0
    longest_session_seconds: float | None = None

    def __init__(
        self, source: str, url: str, symbols: tuple[str, ...], secrets: tuple[str, ...] = ()
    ) -> None:
        self.source = source
        self.url = url
        self.symbols = symbols
        self.secrets = secrets
        self.status = FeedStatus()
        self.tape = Tape(source, self.status, self.calendar)

    @property
    def address(self) -> str:
        """Where to connect to; it may hold a secret, so it is never shown."""
        return self.url

    def calendar(self, symbol: str) -> str:
        """Return which calendar of :mod:`producer.trading_day` a symbol trades by."""
        return ALWAYS_OPEN

    @abstractmethod
    def opening(self) -> Sequence[str]:
        """Return what to send first on a new connection; whatever holds for one connection begins anew."""

    @abstractmethod
    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return what a frame received at ``ingest_time`` (microseconds, UTC) means.

        Raises :class:`ProviderError` where it ends the connection (its ``retry`` says when the next one
        may be opened), :class:`SessionOverError` where that is the venue's routine, and one of
        ``MALFORMED`` for a frame that cannot be read.
        """

    def refusal(self, status: int, body: str) -> ProviderError | None:
        """Return what an HTTP status means in place of a WebSocket, or None where it is the usual."""
        return None

    def malformed(self, frame: str | bytes, error: Exception) -> ProviderError:
        """Return the error of a frame that cannot be read: trades that it may have held are missing."""
        text = frame.decode(errors="replace") if isinstance(frame, bytes) else frame
        start = self.shown(text)[:QUOTED_CHARACTERS]
        return ProviderError(f"{self.title} sent a frame that cannot be understood ({error}): {start!r}.")

    def shown(self, text: str) -> str:
        """Return a text without any secret of the venue's in it, fit for logs and messages."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, REDACTED)
        return text
