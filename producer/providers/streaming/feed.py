"""The live feed of any streaming venue: one WebSocket, opened again for as long as the feed runs."""

from __future__ import annotations

import asyncio
import logging

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from producer.errors import Later, Never, ProviderError, Retry, Soon
from producer.events import MICROSECONDS_PER_SECOND, clock_micros
from producer.providers.protocol import EventSink, LastPublished
from producer.providers.streaming.connection import Listener, Patience, connected
from producer.providers.streaming.venue import MALFORMED, SessionOverError, Venue
from producer.trading_day import trading_day

logger = logging.getLogger(__name__)

REFUSED = "refused"

_SESSION_ENDS = (
    ConnectionClosed,
    InvalidHandshake,
    OSError,
    TimeoutError,
    ProviderError,
    SessionOverError,
)


class StreamingFeed:
    """Streams what a venue tells; breaks mark where trades may be missing."""

    def __init__(self, venue: Venue, patience: Patience | None = None) -> None:
        self.status = venue.status
        self.venue = venue
        self._patience = patience or Patience()
        self._back_off = wait_exponential_jitter(
            multiplier=self._patience.first_pause,
            max=self._patience.longest_pause,
            jitter=2 * self._patience.first_pause,
        )

    async def run(self, sink: EventSink, last_published: LastPublished) -> None:
        """Stream until cancelled, reconnecting with exponential back-off and jitter.

        Raises :class:`ProviderError` only for an address that is no WebSocket URL.
        """
        await self._load_calendars()
        tape = self.venue.tape
        # What an earlier run published last is where the feed broke: that candle is partial.
        stored = await last_published.stored(self.venue.symbols)
        now = clock_micros()
        sink.offer([tape.broken(symbol, time, now) for symbol, time in stored.items()])
        try:
            while True:
                await self._connect_until_steady(sink)
                await asyncio.sleep(self._patience.first_pause)
        except InvalidURI:
            # The library's own words hold the whole address, where a key may be.
            raise ProviderError(
                f"{self.venue.url_setting} {self.venue.url!r} is no WebSocket address: "
                f"it begins with wss://.",
                Never("endpoint"),
            ) from None
        finally:
            sink.offer(tape.disconnected(clock_micros()))

    async def _load_calendars(self) -> None:
        """Have the exchanges' calendars in memory before a frame waits for them: they take seconds."""
        for calendar in {self.venue.calendar(symbol) for symbol in self.venue.symbols}:
            await asyncio.to_thread(trading_day, calendar, clock_micros())

    async def _connect_until_steady(self, sink: EventSink) -> None:
        """Try sessions, ever slower, until one has streamed for long; return when that one has ended."""
        async for attempt in AsyncRetrying(
            wait=self._pause,
            retry=retry_if_exception_type(_SESSION_ENDS),
            before_sleep=self._note_pause,
        ):
            with attempt:
                await self._session(sink)

    async def _session(self, sink: EventSink) -> None:
        """Hold one connection; raises what ended it, or returns when it had streamed for long before."""
        began = asyncio.get_running_loop().time()
        self.status.state, self.status.next_attempt = "connecting", None
        self.status.begin_period()
        self.status.calls += 1
        streamed = False
        try:
            async with connected(self.venue, self._patience) as listener:
                self.status.state = "subscribing"
                while True:
                    streamed |= await self._take_frame(listener, sink)
        except _SESSION_ENDS as error:
            self._note_end(error)
            sink.offer(self.venue.tape.disconnected(clock_micros()))
            self.status.reconnects += streamed
            if streamed or self.status.state == REFUSED:
                is_routine = isinstance(error, SessionOverError)
                self.status.end_period(None if is_routine else self._sentence(error))
            lasted = asyncio.get_running_loop().time() - began
            if not streamed or lasted < self._patience.steady or _retry_of(error) != Soon():
                raise
            logger.warning("%s: %s; reconnecting", self.venue.source, self._sentence(error))

    async def _take_frame(self, listener: Listener, sink: EventSink) -> bool:
        """Publish what the next frame says and answer it; returns whether the venue streams."""
        frame = await listener.receive()
        try:
            heard = self.venue.translate(frame, clock_micros())
        except MALFORMED as error:
            raise self.venue.malformed(frame, error) from error
        if heard.complaint is not None:
            self.status.last_error = self.venue.shown(heard.complaint)
            logger.warning("%s: %s", self.venue.source, self.status.last_error)
        if heard.events:
            self.status.events += len(heard.events)
            sink.offer(heard.events)
        streams = bool(heard.events) or heard.subscribed
        if streams:
            self.status.state = "streaming"
        for reply in heard.replies:
            await listener.send(reply)
        return streams

    def _note_end(self, error: BaseException) -> None:
        self.status.state = REFUSED if isinstance(_retry_of(error), Never) else "reconnecting"
        if not isinstance(error, SessionOverError):
            self.status.last_error = self._sentence(error)

    def _pause(self, state: RetryCallState) -> float:
        """Return the seconds until the next attempt: what the last one's end asks for."""
        error = state.outcome.exception() if state.outcome else None
        match _retry_of(error):
            case Never():
                return self._patience.refused
            case Later(until):
                return max((until - clock_micros()) / MICROSECONDS_PER_SECOND, self._back_off(state))
            case _:
                return self._back_off(state)

    def _note_pause(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        pause = state.upcoming_sleep
        self.status.next_attempt = clock_micros() + int(pause * MICROSECONDS_PER_SECOND)
        logger.warning("%s: %s; trying again in %.1f s", self.venue.source, self._sentence(error), pause)

    def _sentence(self, error: BaseException | None) -> str:
        return self.venue.shown(str(error) or type(error).__name__)


def _retry_of(error: BaseException | None) -> Retry:
    return error.retry if isinstance(error, ProviderError) else Soon()
