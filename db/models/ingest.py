"""How the data came in, and what is missing."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import INTERVALS, Base, GeneratedId, Now, one_of

RUN_KINDS = ("fetch", "stream", "backfill", "replay")
RUN_STATUSES = ("running", "succeeded", "failed", "cancelled")
QUOTA_PERIODS = ("second", "minute", "day")
JOB_STATUSES = RUN_STATUSES
GAP_REASONS = ("sequence", "silence", "missing_candles")


class IngestRun(Base):
    """One fetch, stream connection, backfill or replay: what was asked, how many came, how it ended."""

    __tablename__ = "ingest_runs"
    __table_args__ = (
        one_of("kind", RUN_KINDS),
        one_of("status", RUN_STATUSES),
        CheckConstraint("(status = 'running') = (finished_at IS NULL)", name="finished_when_not_running"),
        CheckConstraint("started_at <= finished_at", name="finished_after_start"),
        CheckConstraint("event_count >= 0 AND call_count >= 0", name="counts_not_negative"),
        Index(None, "started_at"),
        Index("ix_ingest_runs_running", "id", postgresql_where=text("status = 'running'")),
    )

    id: Mapped[GeneratedId]
    kind: Mapped[str]
    source: Mapped[str]
    request: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default="running")
    started_at: Mapped[Now]
    finished_at: Mapped[datetime | None]
    event_count: Mapped[int] = mapped_column(server_default=text("0"))
    call_count: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str | None]


class BackfillWindow(Base):
    """A time `[window_start, window_end)` for which a provider has answered all the bars that it has.

    So no backfill asks for it again: none that was interrupted, and none for buckets in which nothing traded.
    """

    __tablename__ = "backfill_windows"
    __table_args__ = (
        one_of("interval", INTERVALS),
        CheckConstraint("window_start < window_end", name="ended_after_start"),
        CheckConstraint("bar_count >= 0", name="bar_count_not_negative"),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    window_end: Mapped[datetime]
    bar_count: Mapped[int]
    answered_at: Mapped[Now]
    run_id: Mapped[int] = mapped_column(ForeignKey("ingest_runs.id"))


class Gap(Base):
    """A time `[started_at, ended_at)` for which a symbol's data is missing; no end while it lasts.

    A closed gap is kept, for its history. `missing_count` is how many events or candles it lacks, if known.
    """

    __tablename__ = "gaps"
    __table_args__ = (
        one_of("reason", GAP_REASONS),
        CheckConstraint("started_at < ended_at", name="ended_after_start"),
        CheckConstraint("missing_count > 0", name="missing_count_positive"),
        # The same gap noticed twice is one gap.
        UniqueConstraint("symbol", "source", "reason", "started_at"),
        Index("ix_gaps_open", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[GeneratedId]
    symbol: Mapped[str]
    source: Mapped[str]
    reason: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    missing_count: Mapped[int | None]
    detected_at: Mapped[Now]
    closed_at: Mapped[datetime | None]
    closed_by_run_id: Mapped[int | None] = mapped_column(ForeignKey("ingest_runs.id"))


class ScheduledJob(Base):
    """A job of the schedule: whether it is paused, and what became of it last (`detail` is a sentence).

    Whatever was due up to `handled_until` is dealt with; what was due since is made up for at the next start.
    """

    __tablename__ = "scheduled_jobs"
    __table_args__ = (one_of("status", JOB_STATUSES),)

    name: Mapped[str] = mapped_column(primary_key=True)
    is_paused: Mapped[bool] = mapped_column(server_default=text("false"))
    handled_until: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    status: Mapped[str | None]
    detail: Mapped[str | None]


class QuotaUsage(Base):
    """Calls to a provider since `window_start`, when its present second, minute or UTC day began.

    Counted before each call. A key is nowhere in it: its fingerprint is the beginning of a hash.
    """

    __tablename__ = "quota_usage"
    __table_args__ = (
        one_of("period", QUOTA_PERIODS),
        CheckConstraint("calls >= 0", name="calls_not_negative"),
    )

    provider: Mapped[str] = mapped_column(primary_key=True)
    key_fingerprint: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    calls: Mapped[int]
