from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from producer.bars import Bar, Interval
from producer.database import Database
from producer.errors import ProviderError
from producer.events import clock_micros, to_micros
from producer.providers.bar_source import BarSource
from producer.providers.protocol import Provider
from producer.providers.registry import providers
from producer.quota.ledger import QuotaLedger
from producer.settings import ProducerSettings
from tests.answers import Answer, AnswerServer, Question
from tests.integration.producer.bar_conformance.dialect import BarDialect
from tests.integration.producer.bar_conformance.dialects import BAR_DIALECTS
from tests.integration.producer.bar_conformance.market import NOW, Market
from tests.simulated_clock import SimulatedClock

# Characters that are written otherwise in an address.
KEY_END = "/+="


@dataclass
class Venue:
    """A provider as the producer has it, and its server, which answers what is in `instead` first."""

    dialect: BarDialect
    market: Market
    clock: SimulatedClock
    key: str
    instead: list[Answer] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    counted: int = 0
    provider: Provider | None = None

    @property
    def source(self) -> BarSource:
        assert self.provider is not None
        assert self.provider.bars is not None
        return self.provider.bars

    def answer(self, question: Question) -> Answer:
        """Answer a question, whose path begins with what is this test's own."""
        asked = replace(question, path="/" + question.path.split("/", 2)[2])
        self.questions.append(asked)
        return self.instead.pop(0) if self.instead else self.dialect.answer(asked, self.market)

    async def bars(self, interval: Interval, start: datetime | int, end: datetime | int) -> list[Bar]:
        """Ask the provider as a backfill does; oldest first."""
        first, last = (to_micros(one) if isinstance(one, datetime) else one for one in (start, end))
        found = await self.source.bars(self.dialect.symbol, interval, first, last, self.count)
        return sorted(found, key=lambda bar: bar.bucket_start)

    async def refusal(self, *instead: Answer) -> ProviderError:
        """Ask once, and return how it is refused."""
        self.instead = list(instead)
        with pytest.raises(ProviderError) as refusal:
            await self.bars("1m", NOW - timedelta(minutes=30), NOW - timedelta(minutes=5))
        return refusal.value

    async def count(self) -> None:
        self.counted += 1

    def our_time(self) -> int:
        """The time by which the provider is asked: Coinbase's, which counts no calls, is the machine's."""
        return clock_micros() if self.dialect.weight is None else self.clock.now()

    async def used(self) -> list[int]:
        """What is counted of each limit; nothing where nothing is."""
        assert self.provider is not None
        meter = self.provider.meter
        return [] if meter is None else [usage.calls for usage in await meter.usage()]


@pytest.fixture(params=BAR_DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> BarDialect:
    """Every provider of bars that is asked over the network, in turn."""
    provider: BarDialect = request.param
    return provider


@pytest.fixture
async def venue(
    dialect: BarDialect,
    database: Database,
    settings: ProducerSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Venue]:
    """The provider at a time of its own, with a key and an address whose calls nobody has counted yet.

    Whatever a test of this suite does, no key is logged at any level.
    """
    caplog.set_level(logging.DEBUG)
    clock = SimulatedClock(NOW, NOW + timedelta(days=1))
    monkeypatch.setattr("producer.providers.registry.SystemClock", lambda: clock)
    venue = Venue(dialect, Market(dialect.calendar), clock, f"{uuid.uuid4().hex}{KEY_END}")
    async with AnswerServer(venue.answer) as server:
        changes = dialect.settings(f"{server.url}/{uuid.uuid4().hex}", SecretStr(venue.key))
        known = providers(settings.model_copy(update=changes), QuotaLedger(database))
        venue.provider = known[dialect.name]
        yield venue
    told = "\n".join(logging.Formatter().format(record) for record in caplog.get_records("call"))
    assert venue.key.removesuffix(KEY_END) not in told


def starts(bars: Sequence[Bar]) -> list[int]:
    return [bar.bucket_start for bar in bars]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
