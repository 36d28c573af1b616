"""One WebSocket connection to a venue: opened, listened to, and given up when it falls silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from producer.errors import Later, Never, ProviderError, Retry, Soon
from producer.events import MICROSECONDS_PER_SECOND, clock_micros, to_micros
from producer.providers.streaming.venue import SessionOverError, Venue

FRAME_BYTES = 4 * 1024 * 1024
SAID_CHARACTERS = 200

# At its lowest level the library logs requests and frames, with whatever keys are in them.
_wire_logger = logging.getLogger(f"{__name__}.wire")
_wire_logger.setLevel(logging.WARNING)


@dataclass(frozen=True)
class Patience:
    """How long a feed waits for what, in seconds.

    Pauses between connections grow from ``first_pause`` to ``longest_pause``, and begin anew after a
    connection that streamed for ``steady``. ``refused`` is the pause where asking again is of no use until
    somebody changes something.
    """

    opening: float = 10.0
    ping: float = 20.0
    closing: float = 1.0
    first_pause: float = 0.5
    longest_pause: float = 60.0
    steady: float = 60.0
    refused: float = 3600.0


@asynccontextmanager
async def connected(venue: Venue, patience: Patience) -> AsyncIterator[Listener]:
    """Connect and subscribe; raises :class:`ProviderError` where the venue answers with an HTTP error."""
    try:
        websocket = await connect(
            venue.address,
            open_timeout=patience.opening,
            ping_interval=patience.ping,
            ping_timeout=patience.ping,
            close_timeout=patience.closing,
            max_size=FRAME_BYTES,
            logger=_wire_logger,
        )
    except InvalidStatus as error:
        raise _refusal(venue, error.response) from None
    async with websocket:
        for frame in venue.opening():
            await websocket.send(frame)
        yield Listener(venue, websocket)


class Listener:
    """Receives a connection's frames, asking the venue's question whenever it is due."""

    def __init__(self, venue: Venue, websocket: ClientConnection) -> None:
        self._venue = venue
        self._websocket = websocket
        self._now = asyncio.get_running_loop().time
        self._over_at = _after(self._now(), venue.longest_session_seconds)
        self._ask_at = _after(self._now(), venue.question_seconds if venue.question else None)

    async def receive(self) -> str | bytes:
        """Return the next frame.

        Raises TimeoutError after a silence and :class:`SessionOverError` when the session is long enough.
        """
        silent_at = _after(self._now(), self._venue.silence_seconds)
        while True:
            await self._ask_if_due()
            due = [at for at in (silent_at, self._ask_at, self._over_at) if at is not None]
            try:
                async with asyncio.timeout_at(min(due, default=None)):
                    return await self._websocket.recv()
            except TimeoutError:
                if silent_at is not None and self._now() >= silent_at:
                    raise TimeoutError(f"nothing received for {self._venue.silence_seconds:g} s") from None

    async def send(self, frame: str) -> None:
        """Send a frame."""
        await self._websocket.send(frame)

    async def _ask_if_due(self) -> None:
        now = self._now()
        if self._over_at is not None and now >= self._over_at:
            raise SessionOverError(
                f"{self._venue.title} ends connections after a time: a new one is opened first"
            )
        if self._ask_at is not None and now >= self._ask_at and self._venue.question is not None:
            self._ask_at = _after(now, self._venue.question_seconds)
            await self._websocket.send(self._venue.question)


def _after(now: float, seconds: float | None) -> float | None:
    return None if seconds is None else now + seconds


def _refusal(venue: Venue, response: Response) -> ProviderError:
    """Say why there is no WebSocket, and when one may be asked for again."""
    status = response.status_code
    text = bytes(response.body or b"").decode(errors="replace")
    body = venue.shown(" ".join(text.split()))[:SAID_CHARACTERS]
    special = venue.refusal(status, body)
    if special is not None:
        return special
    retry: Retry = Soon()
    way_out = f"Check {venue.url_setting}."
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} and venue.key_setting is not None:
        retry, way_out = Never("key"), f"Check {venue.key_setting}."
    elif status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        retry, way_out = Never("endpoint"), "Use a feed that is available where the producer runs."
    elif "Retry-After" in response.headers:
        retry, way_out = _retry_after(response.headers["Retry-After"]), "It says when to come back."
    said = f": {body}" if body else ""
    return ProviderError(f"{venue.title} refused the connection with HTTP {status}{said}. {way_out}", retry)


def _retry_after(value: str) -> Retry:
    """Read the header Retry-After: seconds, or a date as HTTP writes it."""
    if value.isdigit():
        return Later(clock_micros() + int(value) * MICROSECONDS_PER_SECOND)
    try:
        return Later(to_micros(parsedate_to_datetime(value)))
    except (ValueError, TypeError):
        return Soon()
