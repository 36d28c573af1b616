"""What a provider is to the rest of the producer: a source, and what it can do of a feed, quotes and bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

from producer.events import MarketEvent
from producer.providers.bar_source import BarSource
from producer.trading_day import ALWAYS_OPEN

if TYPE_CHECKING:
    from producer.errors import ProviderError
    from producer.quota.meter import Meter

SourceKind = Literal["live", "simulated", "replay", "history"]
Circuit = Literal["closed", "open", "half-open"]


@dataclass(frozen=True)
class Source:
    """Where events come from, as PostgreSQL's `data_sources` and `assets` know it.

    ``description`` also says how prices of the past are adjusted for splits and dividends. ``calendar`` is
    that of the venue where the symbols trade: a name of exchange_calendars, or ``24/7``.
    """

    name: str
    kind: SourceKind
    description: str
    symbols: tuple[str, ...]
    calendar: str = ALWAYS_OPEN


@dataclass
class FeedStatus:
    """What a running feed reports of itself; times are microseconds since the epoch, UTC.

    ``detail`` is a sentence on what it does now, and ``left_out`` says of symbols why they are not
    asked for. The circuit is open while nothing is asked because of a failure, half-open while it
    is tried again. ``calls`` counts the connections or questions that were tried, and ``heard`` has our
    time at which a venue told something of a symbol last.

    What a feed does falls into periods: the time of a connection, or the hours in which it polls.
    """

    state: str = "starting"
    last_event_time: int | None = None
    events: int = 0
    gaps: int = 0
    reconnects: int = 0
    last_error: str | None = None
    next_attempt: int | None = None
    quotes: dict[str, BestQuote] = field(default_factory=dict)
    detail: str | None = None
    circuit: Circuit = "closed"
    left_out: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    watcher: PeriodWatcher | None = None

    def begin_period(self) -> None:
        """Say that a connection is attempted, or that polling begins; again within a period, nothing new."""
        if self.watcher is not None:
            self.watcher.period_began()

    def end_period(self, error: str | None = None) -> None:
        """Say that the period has ended, with an error where it has not ended well."""
        if self.watcher is not None:
            self.watcher.period_ended(error)


class PeriodWatcher(Protocol):
    """Who wants to know of a feed's periods."""

    def period_began(self) -> None:
        """Take note that a period is under way."""

    def period_ended(self, error: str | None) -> None:
        """Take note that it is over, and of the error where it has not ended well."""


@dataclass(frozen=True)
class BestQuote:
    """The best bid and ask that a feed saw last."""

    bid: Decimal | None
    ask: Decimal | None


class EventSink(Protocol):
    """Where a feed puts its events."""

    async def publish(self, events: Sequence[MarketEvent]) -> None:
        """Take events, waiting while there is no room."""

    def offer(self, events: Sequence[MarketEvent]) -> None:
        """Take live events at once; the oldest give way when there is no room."""


class LastPublished(Protocol):
    """What is known of an earlier run of a source, so that a feed goes on where it stopped."""

    async def stored(self, symbols: Sequence[str]) -> dict[str, int]:
        """Return the newest event time in PostgreSQL by symbol; empty when it cannot be asked."""

    async def streamed(self, source: str, symbols: Sequence[str], since: int) -> dict[str, int]:
        """Return up to when a source published each symbol, from the streams themselves.

        Only what was published since ``since`` is looked at; a symbol without any is absent. A time
        says: everything of this symbol up to and including it is in the stream.
        """


class Feed(Protocol):
    """A stream of events that runs until it is cancelled."""

    status: FeedStatus

    async def run(self, sink: EventSink, last_published: LastPublished) -> None:
        """Produce events into the sink; returns never, raises only what a restart cannot heal."""


@dataclass
class Quotes:
    """What came of asking for symbols: quotes, why others have none, and the calls that it took."""

    events: list[MarketEvent] = field(default_factory=list)
    refused: dict[str, ProviderError] = field(default_factory=dict)
    calls: int = 0


class QuoteSource(Protocol):
    """A provider that answers a snapshot of some symbols when asked."""

    async def quotes(self, symbols: Sequence[str], told: Quotes) -> None:
        """Fetch one quote a symbol into ``told``, as they come; symbols without one are refused in it."""


@dataclass(frozen=True)
class FoundSymbol:
    """A symbol that a search has found, as its provider writes it; ``venue`` is an exchange or a region."""

    symbol: str
    name: str | None
    venue: str | None
    currency: str | None


class SymbolSearch(Protocol):
    """A provider that can be searched for symbols."""

    async def search(self, words: str) -> list[FoundSymbol]:
        """Return what it finds, best first; raises :class:`producer.errors.ProviderError`."""


@dataclass(frozen=True)
class Provider:
    """A provider and what it can do; None for what it cannot. One with a meter has a quota of calls.

    ``polls`` says that its feed asks, where others are told. ``addresses`` are those of its servers, without
    any key, in the order in which it needs them.
    """

    source: Source
    feed: Callable[[], Feed] | None = None
    quotes: QuoteSource | None = None
    bars: BarSource | None = None
    meter: Meter | None = None
    search: SymbolSearch | None = None
    polls: bool = False
    addresses: tuple[str, ...] = ()
