"""What the API takes and answers; times are ISO 8601 in UTC, prices exact decimals as strings."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from producer.bars import Interval
from producer.providers.protocol import Circuit

# What the job accepts as a canonical symbol.
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9.\-_:^=][A-Z0-9.\-_/:^=]{0,63}$", examples=["BTC-USD"])]

RunKind = Literal["fetch", "stream", "backfill", "replay"]
RunStatus = Literal["running", "succeeded", "failed", "cancelled"]


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time is too far away") from None


WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written(moment: object) -> object:
    # A number would be taken for seconds since 1970, or for milliseconds, as its size is.
    if isinstance(moment, datetime) or (isinstance(moment, str) and WRITTEN.match(moment)):
        return moment
    raise ValueError("a time is written as 2025-01-31T14:30:00Z, a date as 2025-01-31")


# A date alone is its midnight; without an offset it is UTC.
Moment = Annotated[
    datetime,
    BeforeValidator(_written),
    AfterValidator(_utc),
    WithJsonSchema({"anyOf": [{"type": "string", "format": form} for form in ("date-time", "date")]}),
]


class BrokerHealth(BaseModel):
    """RabbitMQ, and what waits for its confirm."""

    state: str
    detail: str
    buffered_events: int
    dropped_events: int
    confirmed_messages: int
    last_confirm_time: datetime | None


class DatabaseHealth(BaseModel):
    """PostgreSQL: sources and symbols are registered there; feeds run without it."""

    state: Literal["connected", "away"]
    detail: str


class Dependencies(BaseModel):
    """What the producer needs."""

    broker: BrokerHealth
    database: DatabaseHealth


class Quote(BaseModel):
    """The best bid and ask that a feed saw last."""

    bid: Decimal | None
    ask: Decimal | None


class FeedReport(BaseModel):
    """One feed: whether it runs and what it has seen since it was started."""

    state: str
    running: bool
    symbols: list[str]
    events: int
    gaps: int
    reconnects: int
    last_event_time: datetime | None
    last_error: str | None
    next_attempt: datetime | None
    quotes: dict[str, Quote]
    detail: str | None
    circuit: Circuit
    left_out: dict[str, str]


class Health(BaseModel):
    """`ok` when every dependency answers and every started feed lives, else `degraded`."""

    status: Literal["ok", "degraded"]
    dependencies: Dependencies
    feeds: dict[str, FeedReport]


class Feeds(BaseModel):
    """Every feed, and why those that run were chosen at start."""

    choice: str
    feeds: dict[str, FeedReport]


class FeedChange(BaseModel):
    """What a start or stop did: `changed` is false when it was so already."""

    feed: str
    changed: bool
    state: str


class SymbolReport(BaseModel):
    """A configured symbol and the provider it comes from."""

    symbol: str
    provider: str
    kind: str
    streaming: bool


Capability = Literal["stream", "poll", "quotes", "bars", "search"]


class QuotaReport(BaseModel):
    """The calls of a limit's present period; `resets_at` is null while that has not begun."""

    calls: int
    period: str
    used: int
    left: int
    resets_at: datetime | None


class ProviderReport(BaseModel):
    """A provider: what it can do, what is left of its quota, and whether it is asked at all.

    `bar_intervals` are the lengths of its bars. `quota` is null where there is none, and while PostgreSQL,
    which counts it, is away.
    """

    name: str
    kind: str
    description: str
    symbols: list[str]
    capabilities: list[Capability]
    bar_intervals: list[Interval]
    quota: list[QuotaReport] | None
    circuit: Circuit
    detail: str | None


class FetchRequest(BaseModel):
    """Which symbols to ask a provider for, once."""

    symbols: list[Symbol] = Field(min_length=1, max_length=50)
    provider: str = "coinbase"


class FetchedQuote(BaseModel):
    """One quote as it was published."""

    event_id: str
    symbol: str | None
    event_time: datetime
    price: Decimal | None
    bid: Decimal | None
    ask: Decimal | None


class FetchReport(BaseModel):
    """What was fetched, all of it confirmed by the broker, and why symbols have no quote.

    `run_id` is null while PostgreSQL is away: the run is written when it is back.
    """

    run_id: int | None
    provider: str
    confirmed_events: int
    quotes: list[FetchedQuote]
    failures: dict[str, str]


class BackfillOrder(BaseModel):
    """Which bars to fetch; without symbols all of the provider's, without an interval the longest it has."""

    provider: str = Field(examples=["coinbase"])
    symbols: list[Symbol] = Field(default=[], max_length=50)
    interval: Interval | None = None
    start: Moment | None = Field(default=None, description="The first bar; needed unless the past is short.")
    end: Moment | None = Field(default=None, description="Itself not fetched; the present by default.")
    again: bool = Field(default=False, description="Also what was answered before.")


class RunReport(BaseModel):
    """One fetch, stream, backfill or replay: how much came so far, and how it ended."""

    id: int
    kind: RunKind
    source: str
    request: dict[str, Any]
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    event_count: int
    call_count: int
    error: str | None


class GapReport(BaseModel):
    """A time without data: no `ended_at` while it lasts, no `closed_at` until it is filled."""

    id: int
    symbol: str
    source: str
    reason: Literal["sequence", "silence", "missing_candles"]
    started_at: datetime
    ended_at: datetime | None
    missing_count: int | None
    detected_at: datetime
    closed_at: datetime | None
    closed_by_run_id: int | None
