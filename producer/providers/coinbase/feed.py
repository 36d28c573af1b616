"""The live feed: one WebSocket to Coinbase Exchange, reconnected for as long as it runs."""

from __future__ import annotations

import asyncio
import logging

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from producer.errors import ProviderError
from producer.events import clock_micros, feed_break
from producer.providers.coinbase.frames import Frame, parse_frame, subscription
from producer.providers.coinbase.translator import CoinbaseTranslator
from producer.providers.protocol import EventSink, FeedStatus, LastPublished

logger = logging.getLogger(__name__)

OPEN_TIMEOUT_SECONDS = 10.0
SILENCE_SECONDS = 15.0  # each product has a heartbeat a second: silence this long is a dead connection
RECONNECT_INITIAL_SECONDS = 0.5
RECONNECT_MAX_SECONDS = 60.0
FRAME_BYTES = 4 * 1024 * 1024

_SESSION_ENDS = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, ProviderError)


class CoinbaseFeed:
    """Streams trades and heartbeats of some products; breaks mark where trades may be missing."""

    def __init__(self, url: str, products: tuple[str, ...], source: str = "coinbase") -> None:
        self.status = FeedStatus()
        self._url = url
        self._products = products
        self._source = source
        self._translator = CoinbaseTranslator(source, self.status)

    async def run(self, sink: EventSink, last_published: LastPublished) -> None:
        """Stream until cancelled, reconnecting with exponential back-off and jitter.

        Raises :class:`ProviderError` only for an address that is no WebSocket URL.
        """
        # What an earlier run published last is where the feed broke: that candle is partial.
        stored = await last_published.stored(self._products)
        now = clock_micros()
        sink.offer([feed_break(self._source, symbol, time, now) for symbol, time in stored.items()])
        try:
            while True:
                await self._connect_until_streaming(sink)
                self.status.reconnects += 1
                await asyncio.sleep(RECONNECT_INITIAL_SECONDS)
        except InvalidURI as error:
            raise ProviderError(
                f"COINBASE_WS_URL {self._url!r} is no WebSocket address: it begins with wss://."
            ) from error
        finally:
            sink.offer(self._translator.disconnected(clock_micros()))

    async def _connect_until_streaming(self, sink: EventSink) -> None:
        """Try sessions, ever slower, until one has streamed; return when that one has ended."""
        async for attempt in AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS),
            retry=retry_if_exception_type(_SESSION_ENDS),
            before_sleep=self._note_retry,
        ):
            with attempt:
                await self._session(sink)

    async def _session(self, sink: EventSink) -> None:
        """Hold one connection; raises what ended it, or returns when it had streamed before it ended."""
        streamed = False
        self.status.state = "connecting"
        try:
            async with connect(
                self._url, open_timeout=OPEN_TIMEOUT_SECONDS, max_size=FRAME_BYTES
            ) as websocket:
                await websocket.send(subscription(self._products))
                self.status.state = "subscribing"
                while True:
                    frame = await _receive(websocket)
                    if frame.type == "error":
                        raise ProviderError(_refusal(frame))
                    events = self._translator.translate(frame, clock_micros())
                    if events:
                        streamed = True
                        self.status.state = "streaming"
                        self.status.events += len(events)
                        sink.offer(events)
        except _SESSION_ENDS as error:
            self.status.state = "reconnecting"
            self.status.last_error = _sentence(error)
            sink.offer(self._translator.disconnected(clock_micros()))
            if not streamed or isinstance(error, ProviderError):
                raise
            logger.warning("%s: %s; reconnecting", self._source, self.status.last_error)

    def _note_retry(self, state: RetryCallState) -> None:
        logger.warning(
            "%s: %s; trying again in %.1f s", self._source, self.status.last_error, state.upcoming_sleep
        )


async def _receive(websocket: ClientConnection) -> Frame:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            text = await websocket.recv()
    except TimeoutError as error:
        raise TimeoutError(f"nothing received for {SILENCE_SECONDS:g} s") from error
    return parse_frame(text)


def _refusal(frame: Frame) -> str:
    said = ": ".join(part for part in (frame.message, frame.reason) if part)
    return f"Coinbase refused the subscription: {said or 'no reason given'}. Check COINBASE_PRODUCTS."


def _sentence(error: BaseException) -> str:
    return str(error) or type(error).__name__
