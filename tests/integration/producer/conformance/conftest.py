from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from producer.cancellation import cancelled
from producer.events import MarketEvent
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from tests.integration.producer.conformance.dialect import Dialect
from tests.integration.producer.conformance.dialects import DIALECTS
from tests.integration.producer.conformance.exchange import Exchange

# As the producer's own, but for pauses that a test would have to wait for.
BRISK = Patience(first_pause=0.01, longest_pause=0.05, closing=0.2)


@dataclass
class RecordingSink:
    """Takes events as the publisher would, and keeps them."""

    events: list[MarketEvent] = field(default_factory=list)

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        self.events += events

    def offer(self, events: Sequence[MarketEvent]) -> None:
        self.events += events

    def of_kind(self, kind: str) -> list[MarketEvent]:
        return [event for event in self.events if event.kind == kind]

    def story(self, symbol: str) -> list[tuple[str, int]]:
        """The kinds and times of a symbol's events, in order."""
        return [(event.kind, event.event_time) for event in self.events if event.symbol == symbol]


@dataclass
class NothingPublished:
    """The past of a source that has none, or the times that a test gives it."""

    times: dict[str, int] = field(default_factory=dict)

    async def stored(self, symbols: Sequence[str]) -> dict[str, int]:
        return {symbol: time for symbol, time in self.times.items() if symbol in symbols}

    async def streamed(self, source: str, symbols: Sequence[str], since: int) -> dict[str, int]:
        return {}


@dataclass
class Followed:
    """A feed that runs, and what it has published so far."""

    feed: StreamingFeed
    task: asyncio.Task[None]
    sink: RecordingSink


Follow = Callable[..., Followed]


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Every streaming venue in turn."""
    venue: Dialect = request.param
    return venue


@pytest.fixture
async def follow() -> AsyncIterator[Follow]:
    """Run a venue's feed against an exchange until the test is over."""
    running: list[Followed] = []

    def follow(
        dialect: Dialect,
        exchange: Exchange,
        patience: Patience = BRISK,
        stored: dict[str, int] | None = None,
        silence: float | None = None,
    ) -> Followed:
        feed = dialect.feed(exchange.url, patience)
        if silence is not None:
            feed.venue.silence_seconds = silence
        sink = RecordingSink()
        task = asyncio.create_task(feed.run(sink, NothingPublished(stored or {})))
        running.append(Followed(feed, task, sink))
        return running[-1]

    yield follow
    for followed in running:
        await cancelled(followed.task)


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test of this suite does, no key is logged at any level."""
    caplog.set_level(logging.DEBUG)
    yield
    told = "\n".join(logging.Formatter().format(record) for record in caplog.get_records("call"))
    for dialect in DIALECTS:
        for secret in dialect.secrets:
            assert secret not in told
