"""A polled feed: asks for symbols in turn, spread evenly over the hours in which that is worth a call."""

from __future__ import annotations

import asyncio
import logging

from tenacity import RetryCallState

from producer.errors import Later, Never, ProviderError, Soon
from producer.events import (
    MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND,
    MarketEvent,
    heartbeat,
    to_datetime,
)
from producer.polling.back_off import persistently
from producer.polling.clock import Clock
from producer.polling.hours import PollingHours, Window
from producer.polling.novelty import Novelty
from producer.polling.pacing import Pacing
from producer.polling.quotes import MeteredQuotes
from producer.polling.turns import Turns
from producer.providers.protocol import EventSink, FeedStatus, LastPublished

logger = logging.getLogger(__name__)


class PolledFeed:
    """Publishes each quote that is new; a quote that stands still is published once.

    A failure that may pass is tried again ever more slowly, one that says until when pauses the feed, and
    a symbol that will never be answered is left out. Calls are counted before they are made.
    """

    def __init__(
        self,
        source: str,
        symbols: tuple[str, ...],
        quotes: MeteredQuotes,
        hours: PollingHours,
        clock: Clock,
        setting: str,
    ) -> None:
        self.status = FeedStatus()
        self._source = source
        self._symbols = symbols
        self._quotes = quotes
        self._hours = hours
        self._clock = clock
        self._setting = setting
        self._turns = Turns(symbols)
        self._novelty = Novelty(source)
        self._pacing = Pacing(source, symbols, quotes, setting)
        self._spacing_seconds = 0.0

    async def run(self, sink: EventSink, last_published: LastPublished) -> None:
        """Poll until cancelled; raises :class:`ProviderError` for what only a change of settings heals."""
        # The calendar's first use takes a second.
        window = await asyncio.to_thread(self._hours.window, self._clock.now())
        self._pacing.explain(window)
        await self._resume(sink, last_published)
        while True:
            if self._clock.now() < window.opens:
                self.status.state = "closed"
                self.status.detail = f"Nothing is asked before {_text(window.opens)}, for {window.date}."
                await self._clock.sleep_until(window.opens)
            await self._poll_through(window, sink)
            if self.status.circuit == "closed":
                self.status.state = "closed"
            await self._clock.sleep_until(window.closes)
            self.status.end_period(None if self.status.circuit == "closed" else self.status.last_error)
            await self._close(window, sink)
            window = await asyncio.to_thread(self._hours.window, self._clock.now())

    async def _resume(self, sink: EventSink, last_published: LastPublished) -> None:
        """Begin with who waits longest; what an earlier run published last is where the feed broke."""
        stored = await last_published.stored(self._symbols)
        self._turns.resume(stored)
        await sink.publish(self._novelty.resume(stored, self._clock.now()))

    async def _poll_through(self, window: Window, sink: EventSink) -> None:
        """Ask in turn until the window closes, the day's calls are spent or every symbol is finished."""
        self._turns.begin_session()
        self.status.begin_period()
        while self._clock.now() < window.closes and any(self._turns.waiting()):
            started = self._clock.now()
            try:
                spacing = await self._turn(window, sink)
            except ProviderError as error:
                match error.retry:
                    case Soon():
                        return  # the provider was away to the end of the window
                    case Later(until):
                        # However soon it may be, a refusal is no reason to spend the day's calls faster.
                        await self._pause(error, max(until, started + _micros(self._spacing_seconds)))
                    case Never():
                        self.status.detail = str(error)
                        raise
            else:
                if spacing is None:
                    return
                await self._clock.sleep_until(min(started + _micros(spacing), window.closes))

    async def _turn(self, window: Window, sink: EventSink) -> float | None:
        """Ask once, again and again while that fails and may succeed; returns the seconds to the next turn.

        None when the day's calls are spent. Raises :class:`ProviderError`.
        """
        async for attempt in persistently(self._clock, window.closes, self._note_back_off):
            with attempt:
                try:
                    return await self._ask(window, sink)
                except ProviderError as error:
                    await self._note_failure(error, sink)
                    raise
        raise AssertionError("tenacity returns or raises")

    async def _ask(self, window: Window, sink: EventSink) -> float | None:
        meter = self._quotes.meter
        left = await meter.calls_left_today()
        if left == 0:
            self.status.detail = f"All {meter.budget.calls_a_day} calls of this day are made."
            return None
        if self.status.circuit == "open":
            self.status.circuit = "half-open"
        waiting = self._turns.waiting()
        asked = waiting[: self._quotes.symbols_per_call]
        seconds = (window.closes - self._clock.now()) / MICROSECONDS_PER_SECOND
        pace = self._pacing.pace(waiting, seconds, left)
        self._spacing_seconds = pace.spacing_seconds
        self.status.detail = self._pacing.describe(pace, waiting)
        self.status.calls += 1
        answer = await self._quotes.poll(asked)
        self.status.circuit = "closed"
        self.status.state = "polling"
        self._turns.asked(asked)
        self._leave_out(answer.refused)
        await self._publish(answer.events, window, sink)
        return pace.spacing_seconds

    def _leave_out(self, refused: dict[str, ProviderError]) -> None:
        for symbol, error in refused.items():
            self.status.last_error = str(error)
            logger.warning("%s: %s", self._source, error)
            if error.retry == Never("symbol"):
                self._turns.leave_out(symbol)
                self.status.left_out[symbol] = str(error)
        if not self._turns:
            raise ProviderError(
                f"Every symbol of {self._setting} is refused. The last: {self.status.last_error}",
                retry=Never("symbol"),
            )

    async def _publish(self, quotes: list[MarketEvent], window: Window, sink: EventSink) -> None:
        # A quote of an earlier session says that nothing has happened in this one yet.
        current = [quote for quote in quotes if quote.trading_day == window.date]
        if self._hours.after_close is not None:
            self._turns.finish(quote.symbol for quote in current if quote.symbol)
        events = self._novelty.new(current)
        if events:
            self.status.events += len(events)
            self.status.last_event_time = max(event.event_time for event in events)
            await sink.publish(events)

    async def _close(self, window: Window, sink: EventSink) -> None:
        """Tell the venue's time once more after a session, so that its last candle closes."""
        if self._hours.after_close is None:
            moment = window.closes + MICROSECONDS_PER_MINUTE
            await self._clock.sleep_until(moment)
            await sink.publish([heartbeat(self._source, moment, self._clock.now())])

    async def _note_failure(self, error: ProviderError, sink: EventSink) -> None:
        """Open the circuit; with the first failure the feed breaks where each symbol was seen last."""
        if self.status.circuit == "closed":
            await sink.publish(self._novelty.breaks(self._clock.now()))
        self.status.circuit = "open"
        self.status.last_error = str(error)

    async def _pause(self, error: ProviderError, until: int) -> None:
        self.status.state = "paused"
        self.status.detail = f"Nothing is asked before {_text(until)}: {error}"
        logger.warning("%s: paused until %s: %s", self._source, _text(until), error)
        await self._clock.sleep_until(until)

    def _note_back_off(self, state: RetryCallState) -> None:
        seconds = state.upcoming_sleep
        self.status.state = "backing off"
        self.status.reconnects += 1
        self.status.detail = f"It is asked again in {seconds:.0f} s."
        logger.warning("%s: %s Trying again in %.0f s", self._source, self.status.last_error, seconds)


def _micros(seconds: float) -> int:
    return round(seconds * MICROSECONDS_PER_SECOND)


def _text(micros: int) -> str:
    return f"{to_datetime(micros):%Y-%m-%d %H:%M:%S} UTC"
