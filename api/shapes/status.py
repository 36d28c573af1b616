"""How the pipeline is, as it is answered. What is away says so, and everything else is told all the same."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.shapes.live import LiveStatus


class Job(msgspec.Struct):
    """The job in Flink. `state` is its own, or `unavailable`, with the reason in `detail`.

    `pending_messages` have been published and not been read; `event_time_lag_seconds` is how far the
    watermark is behind the clock: while markets are closed it grows by itself.
    """

    state: str
    detail: str | None = None
    restarts: int | None = None
    pending_messages: int | None = None
    watermark: datetime | None = None
    event_time_lag_seconds: float | None = None
    last_checkpoint_at: datetime | None = None
    checkpoint_age_seconds: float | None = None
    checkpoint_bytes: int | None = None


class Queue(msgspec.Struct):
    """A queue of the broker; of a stream `messages` are all that it keeps, read or not."""

    name: str
    messages: int


class Broker(msgspec.Struct):
    """RabbitMQ's queues; `state` is `available`, or `unavailable` with the reason in `detail`."""

    state: str
    detail: str | None = None
    queues: list[Queue] | None = None


class Freshness(msgspec.Struct):
    """The newest one-minute candle of a symbol, and how long ago it was written last."""

    symbol: str
    source: str
    source_kind: str
    newest_candle: datetime | None
    written_at: datetime | None
    written_seconds_ago: float | None


class Database(msgspec.Struct):
    """PostgreSQL, and the followed symbols, those first that have been silent longest."""

    state: str
    detail: str | None = None
    open_gaps: int | None = None
    running_runs: int | None = None
    symbols: list[Freshness] | None = None


class Status(msgspec.Struct):
    """The pipeline; `live` is null where the read API is served without live feeds."""

    time: datetime
    job: Job
    broker: Broker
    database: Database
    live: LiveStatus | None = None
