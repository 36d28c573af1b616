"""What the API takes and answers; times are ISO 8601 in UTC, prices exact decimals as strings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from producer.providers.protocol import Circuit

# What the job accepts as a canonical symbol.
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9.\-_:^=][A-Z0-9.\-_/:^=]{0,63}$", examples=["BTC-USD"])]


class Problem(BaseModel):
    """An error as RFC 9457 describes it: `detail` is a sentence that names the way out."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str


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


Capability = Literal["stream", "poll", "quotes"]


class QuotaReport(BaseModel):
    """The calls of a limit's present period; `resets_at` is null while that has not begun."""

    calls: int
    period: str
    used: int
    left: int
    resets_at: datetime | None


class ProviderReport(BaseModel):
    """A provider: what it can do, what is left of its quota, and whether it is asked at all.

    `quota` is null where there is none, and while PostgreSQL, which counts it, is away.
    """

    name: str
    kind: str
    description: str
    symbols: list[str]
    capabilities: list[Capability]
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
    """What was fetched; all of it is confirmed by the broker."""

    provider: str
    confirmed_events: int
    quotes: list[FetchedQuote]
