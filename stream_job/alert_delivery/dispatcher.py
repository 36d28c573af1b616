"""Sends what is due for as long as it runs, and writes down what became of it.

An attempt does not depend on the database: when that goes away in the middle of one, the outcome is kept and
written when it is back. Only where the process is killed between an attempt and its outcome is the alert sent
once more, under the same id.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol

from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from db.settings import DatabaseSettings
from producer.cancellation import cancelled
from stream_job.alert_delivery.alert import Alert
from stream_job.alert_delivery.backoff import Backoff
from stream_job.alert_delivery.listener import ListenerLostError, listening
from stream_job.alert_delivery.store import DATABASE_ERRORS, DeliveryStore, Outcome
from stream_job.errors import AlertUndeliveredError

logger = logging.getLogger(__name__)

MOST_IN_HAND: Final = 64
# The safety net beneath the notifications.
POLL_SECONDS: Final = 10.0
RECONNECT_INITIAL_SECONDS: Final = 0.2
RECONNECT_MAX_SECONDS: Final = 10.0


class Channel(Protocol):
    """One way to a receiver."""

    async def send(self, alert: Alert, now: datetime) -> None:
        """Send one alert; raises AlertUndeliveredError."""

    async def close(self) -> None:
        """Let go of what it holds."""


class Dispatcher:
    """Delivers alerts until it is told to stop; outages of the database are waited out."""

    def __init__(
        self,
        settings: DatabaseSettings,
        store: DeliveryStore,
        channels: Mapping[str, Channel],
        on_dead: Callable[[], None],
        backoff: Backoff | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._channels = channels
        self._on_dead = on_dead
        self._backoff = backoff or Backoff()
        self._wake = asyncio.Event()
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._outcomes: list[Outcome] = []
        self._stop = asyncio.Event()
        self._state: str | None = None

    def stop(self) -> None:
        """Begin nothing more; `run` ends when what is under way is written down."""
        self._stop.set()
        self._wake.set()

    async def run(self) -> None:
        """Hold sessions one after the other, ever slower while the database is away."""
        reconnecting = AsyncRetrying(
            wait=wait_exponential_jitter(multiplier=RECONNECT_INITIAL_SECONDS, max=RECONNECT_MAX_SECONDS),
            retry=retry_if_exception_type(DATABASE_ERRORS),
        )
        try:
            while not self._is_done:
                async for attempt in reconnecting:
                    with attempt:
                        await self._attempt()
        finally:
            for sending in list(self._in_hand.values()):
                await cancelled(sending)

    async def _attempt(self) -> None:
        """Hold one session; raises one of DATABASE_ERRORS where it did not come about."""
        has_begun = False
        try:
            async with listening(self._settings, self._wake, self._stop) as lost:
                self._say("delivering alerts")
                while not self._is_done:
                    await self._deliver()
                    has_begun = True
                    if lost.done():
                        lost.result()
        except ListenerLostError as error:
            self._say(f"the database is away: {error}")
        except DATABASE_ERRORS as error:
            self._say(f"the database is away: {' '.join(str(getattr(error, 'orig', None) or error).split())}")
            if not has_begun:
                raise

    @property
    def is_busy(self) -> bool:
        """Whether something is under way, or not written down yet."""
        return bool(self._in_hand)

    @property
    def _is_done(self) -> bool:
        return self._stop.is_set() and not self.is_busy

    async def _deliver(self) -> None:
        """Write outcomes down, begin what is due, and wait until there is something to do."""
        self._wake.clear()
        await self._record()
        if self._is_done:
            return
        room = 0 if self._stop.is_set() else MOST_IN_HAND - len(self._in_hand)
        due = await self._store.due(self._in_hand.keys(), room)
        if self._stop.is_set():
            return  # told while it looked
        for alert in due.alerts:
            self._in_hand[alert.delivery_id] = asyncio.create_task(self._send(alert))
        with suppress(TimeoutError):
            async with asyncio.timeout(min(due.seconds_to_next, POLL_SECONDS)):
                await self._wake.wait()

    async def _record(self) -> None:
        outcomes = list(self._outcomes)
        if not outcomes:
            return
        await self._store.record(outcomes)
        del self._outcomes[: len(outcomes)]
        for outcome in outcomes:
            # Only now: as long as it counts as pending in the database, it would be taken for due.
            del self._in_hand[outcome.delivery_id]
        if any(outcome.status == "dead" for outcome in outcomes):
            self._on_dead()

    async def _send(self, alert: Alert) -> None:
        try:
            outcome = await self._outcome(alert)
        except Exception:
            logger.exception(
                "delivery %d by %s failed by an error of its own", alert.delivery_id, alert.channel
            )
            outcome = self._failure(alert, "an error of the program itself: its log has the details")
        self._outcomes.append(outcome)
        self._wake.set()

    async def _outcome(self, alert: Alert) -> Outcome:
        place = f"rule {alert.rule_id}, {alert.symbol} at {alert.event_time.isoformat()}, {alert.channel}"
        if alert.target is None:
            logger.info("%s: cancelled", place)
            return Outcome(
                alert.delivery_id, alert.channel, "cancelled", f"the rule has no {alert.channel} any more"
            )
        try:
            await self._channels[alert.channel].send(alert, datetime.now(UTC))
        except AlertUndeliveredError as error:
            outcome = self._failure(alert, str(error), is_final=error.is_final)
            again = "given up" if outcome.wait is None else f"again in {outcome.wait.total_seconds():.0f} s"
            logger.warning("%s: %s; attempt %d, %s", place, error, alert.attempts + 1, again)
            return outcome
        logger.info("%s: delivered", place)
        return Outcome(alert.delivery_id, alert.channel, "delivered")

    def _failure(self, alert: Alert, error: str, *, is_final: bool = False) -> Outcome:
        # A test is sent once: somebody waits for what comes of it.
        wait = None if alert.is_test or is_final else self._backoff.after(alert.attempts + 1)
        return Outcome(alert.delivery_id, alert.channel, "dead" if wait is None else "pending", error, wait)

    def _say(self, state: str) -> None:
        if state != self._state:
            logger.info(state)
            self._state = state
