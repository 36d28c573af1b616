"""Which feeds run: chosen at start, started and stopped at run time, watched for their end."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import httpx

from producer.cancellation import cancelled
from producer.database import Database
from producer.errors import FeedUnavailableError, ProducerError, UnknownFeedError
from producer.feed_periods import FeedPeriods
from producer.journal import RunJournal
from producer.providers.protocol import EventSink, Feed, FeedStatus, LastPublished, Provider
from producer.settings import FEEDS_AUTO, FEEDS_NONE, ProducerSettings

logger = logging.getLogger(__name__)

PROBE_SECONDS = 3.0
STOPPED = "stopped"
FAILED = "failed"


@dataclass
class _Running:
    feed: Feed
    task: asyncio.Task[None]


@dataclass
class Choice:
    """Which feeds to start, and why these."""

    names: tuple[str, ...]
    reason: str


@dataclass
class Feeds:
    """The feeds of the providers: starting and stopping one does nothing where it is so already."""

    providers: dict[str, Provider]
    sink: EventSink
    last_published: LastPublished
    database: Database
    journal: RunJournal
    choice: Choice = field(default_factory=lambda: Choice((), "no feed has been chosen"))
    _running: dict[str, _Running] = field(default_factory=dict)
    _registrations: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers that have a feed."""
        return tuple(name for name, provider in self.providers.items() if provider.feed is not None)

    def start(self, name: str) -> bool:
        """Start a feed; returns False when it runs already.

        Raises :class:`UnknownFeedError` or :class:`FeedUnavailableError`.
        """
        provider = self._provider(name)
        if provider.feed is None or self.is_running(name):
            return False
        self._refuse_second_source(name, provider)
        feed = provider.feed()
        periods = FeedPeriods(self.journal, provider.source, feed.status)
        feed.status.watcher = periods
        task = asyncio.create_task(feed.run(self.sink, self.last_published), name=f"feed {name}")
        task.add_done_callback(lambda ended: _note_end(name, ended, periods))
        self._running[name] = _Running(feed, task)
        registration = self._registrations.get(name)
        if registration is None or registration.done():
            registered = self.database.register(provider.source)
            self._registrations[name] = asyncio.create_task(registered, name=f"register {name}")
        logger.info("feed %s started for %s", name, ", ".join(provider.source.symbols))
        return True

    async def stop(self, name: str) -> bool:
        """Stop a feed and wait for its end; returns False when it does not run."""
        self._provider(name)
        running = self._running.get(name)
        was_running = self.is_running(name)
        if running is not None:
            await cancelled(running.task)
            del self._running[name]
        return was_running

    async def close(self) -> None:
        """Stop every feed."""
        for name in list(self._running):
            await self.stop(name)
        for registration in self._registrations.values():
            await cancelled(registration)

    def is_running(self, name: str) -> bool:
        """Say whether a feed's task lives."""
        running = self._running.get(name)
        return running is not None and not running.task.done()

    def status(self, name: str) -> FeedStatus:
        """Return what a feed reports of itself; a task that ended against its will is ``failed``."""
        self._provider(name)
        running = self._running.get(name)
        if running is None:
            return FeedStatus(state=STOPPED)
        if running.task.done():
            running.feed.status.state = FAILED
            running.feed.status.last_error = _why(running.task)
        return running.feed.status

    def _refuse_second_source(self, name: str, provider: Provider) -> None:
        """A candle has one source: trades of two venues under one symbol would mix in it."""
        for other in filter(self.is_running, self._running):
            shared = sorted(set(provider.source.symbols) & set(self.providers[other].source.symbols))
            if shared:
                raise FeedUnavailableError(
                    f"The feed {other} streams {', '.join(shared)} already, and {name} would mix its trades "
                    f"into the same candles: stop {other} first, or give the two different symbols."
                )

    def _provider(self, name: str) -> Provider:
        if name not in self.names:
            raise UnknownFeedError(f"There is no feed {name!r}. The feeds are: {', '.join(self.names)}.")
        return self.providers[name]


async def choose_feeds(settings: ProducerSettings) -> Choice:
    """Decide by FEEDS which feeds to start; ``auto`` asks the network."""
    if settings.feeds == (FEEDS_NONE,) or not settings.feeds:
        return Choice((), "FEEDS=none")
    if settings.feeds != (FEEDS_AUTO,):
        return Choice(settings.feeds, f"FEEDS={','.join(settings.feeds)}")
    url = f"{settings.coinbase_rest_url.rstrip('/')}/time"
    try:
        async with asyncio.timeout(PROBE_SECONDS), httpx.AsyncClient() as client:
            response = await client.get(url)
            response.raise_for_status()
    except (httpx.HTTPError, TimeoutError) as error:
        why = str(error) or f"no answer within {PROBE_SECONDS:g} s"
        return _with_keyed(settings, "simulator", f"FEEDS=auto: Coinbase does not answer at {url} ({why})")
    return _with_keyed(settings, "coinbase", f"FEEDS=auto: Coinbase answers at {url}")


def _with_keyed(settings: ProducerSettings, name: str, reason: str) -> Choice:
    keyed = settings.keyed_polled
    return Choice((name, *keyed), f"{reason}; there is a key for {', '.join(keyed)}" if keyed else reason)


def _why(task: asyncio.Task[None]) -> str:
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    return f"{type(error).__name__}: {error}" if error else "the feed ended by itself"


def _note_end(name: str, task: asyncio.Task[None], periods: FeedPeriods) -> None:
    if task.cancelled():
        periods.stopped()
        logger.info("feed %s stopped", name)
    elif isinstance(error := task.exception(), ProducerError):
        logger.error("feed %s failed: %s", name, error)
        periods.period_ended(str(error))
    else:
        logger.error("feed %s failed: %s", name, _why(task), exc_info=error)
        periods.period_ended(_why(task))
