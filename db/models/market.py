"""What was seen and what was made of it: events, candles, indicators."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import INTERVALS, Base, Now, one_of

ORIGINS = ("stream", "backfill")


class Snapshot(Base):
    """A market event as it came in: a partition a UTC day, made by `ensure_snapshot_partition(day)`.

    Filled by COPY at tens of thousands of rows a second, so it has no index but its key, no foreign key and
    no check: the job checks events before they get here. A `break` of the feed has no price.
    """

    __tablename__ = "snapshots"
    __table_args__ = {"postgresql_partition_by": "RANGE (event_time)"}  # noqa: RUF012 -- SQLAlchemy's spelling

    symbol: Mapped[str] = mapped_column(primary_key=True)
    event_time: Mapped[datetime] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    kind: Mapped[str]
    ingest_time: Mapped[datetime]
    trading_day: Mapped[date | None]
    sequence: Mapped[int | None]
    price: Mapped[Decimal | None]
    size: Mapped[Decimal | None]
    day_volume: Mapped[Decimal | None]
    bid: Mapped[Decimal | None]
    ask: Mapped[Decimal | None]
    day_open: Mapped[Decimal | None]
    day_high: Mapped[Decimal | None]
    day_low: Mapped[Decimal | None]
    previous_close: Mapped[Decimal | None]
    market_cap: Mapped[Decimal | None]


class Candle(Base):
    """Prices and volume of `[bucket_start, end)`. An upsert applies only where its `revision` is higher."""

    __tablename__ = "candles"
    __table_args__ = (
        one_of("interval", INTERVALS),
        one_of("origin", ORIGINS),
        # NaN is greater than every number in PostgreSQL, so the last comparison keeps it out of all four.
        CheckConstraint(
            "0 < low AND low <= open AND low <= close AND open <= high AND close <= high AND high < 'NaN'",
            name="prices_ordered",
        ),
        CheckConstraint("0 <= volume AND volume < 'NaN'", name="volume_not_negative"),
        CheckConstraint("0 < vwap AND vwap < 'NaN'", name="vwap_positive"),
        CheckConstraint("trade_count >= 0", name="trade_count_not_negative"),
        CheckConstraint("revision > 0", name="revision_positive"),
        # The market at a moment: all symbols of an interval, newest first.
        Index(None, "interval", "bucket_start"),
    )

    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(primary_key=True)
    source: Mapped[str]
    open: Mapped[Decimal]
    high: Mapped[Decimal]
    low: Mapped[Decimal]
    close: Mapped[Decimal]
    volume: Mapped[Decimal]
    vwap: Mapped[Decimal | None]
    trade_count: Mapped[int]
    is_final: Mapped[bool]
    is_partial: Mapped[bool]
    revision: Mapped[int]
    origin: Mapped[str]
    updated_at: Mapped[Now]


class Indicator(Base):
    """A value computed from final candles; null where it is undefined, as in the warm-up."""

    __tablename__ = "indicators"
    __table_args__ = (
        one_of("interval", INTERVALS),
        # NaN sorts above Infinity: neither can be charted or written as JSON.
        CheckConstraint("'-Infinity' < value AND value < 'Infinity'", name="value_finite"),
        CheckConstraint("revision > 0", name="revision_positive"),
    )

    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    revision: Mapped[int]
    updated_at: Mapped[Now]
