"""Indicators of stored candles: which trading day a candle belongs to, and which values are written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from db.connection import connect
from db.models import Asset, Candle, DataSource, Indicator, Snapshot
from db.settings import DatabaseSettings
from stream_job.stored_indicators import Series, recompute

HOURS = Series("A", "1h")
# In New York 20:00 of the 4th, after hours of that day's session, and 10:00 of the 5th.
EVENING = datetime(2024, 3, 5, 1, tzinfo=UTC)
MORNING = datetime(2024, 3, 5, 15, tzinfo=UTC)
BEFORE = EVENING - timedelta(hours=2)


@pytest.fixture
def connection(database: DatabaseSettings) -> Iterator[Connection]:
    with connect(database, "market_writer") as connection:
        yield connection


@pytest.fixture
def candles(connection: Connection) -> None:
    """Three hours around midnight UTC of a share of New York, whose prices are 10, 20 and 40."""
    connection.execute(insert(DataSource).values(name="archive", kind="history", description=""))
    asset = {"symbol": "A", "asset_class": "equity", "source": "archive", "calendar": "XNYS"}
    connection.execute(insert(Asset).values(**asset))
    for start, price in ((BEFORE, 10), (EVENING, 20), (MORNING, 40)):
        _insert_candle(connection, start, Decimal(price))


@pytest.mark.usefixtures("candles")
def test_where_no_raw_event_is_kept_the_trading_day_is_that_of_the_calendar(connection: Connection) -> None:
    recompute(connection, HOURS)
    assert _values(connection, "vwap_day") == {BEFORE: 10, EVENING: 15, MORNING: 40}


@pytest.mark.usefixtures("candles")
def test_what_the_last_raw_event_of_a_candle_said_of_its_day_comes_before_the_calendar(
    connection: Connection,
) -> None:
    connection.execute(select(text("ensure_snapshot_partition('2024-03-05')")))
    _insert_event(connection, EVENING, date(2024, 3, 4))
    _insert_event(connection, EVENING + timedelta(minutes=59), date(2024, 3, 5))
    recompute(connection, HOURS)
    assert _values(connection, "vwap_day") == {BEFORE: 10, EVENING: 20, MORNING: 30}


@pytest.mark.usefixtures("candles")
def test_only_what_is_missing_or_differs_is_written(connection: Connection) -> None:
    values_of_a_candle = recompute(connection, HOURS) // 3
    assert recompute(connection, HOURS) == 0
    connection.execute(delete(Indicator).where(Indicator.bucket_start == BEFORE))
    wrong = (Indicator.bucket_start == MORNING) & (Indicator.name == "obv")
    connection.execute(update(Indicator).where(wrong).values(value=0.0, revision=99))
    assert recompute(connection, HOURS) == values_of_a_candle + 1
    assert _values(connection, "obv") == {BEFORE: 1, EVENING: 2, MORNING: 3}


@pytest.mark.usefixtures("candles")
def test_values_outside_of_the_range_are_left_alone_and_still_count(connection: Connection) -> None:
    recompute(connection, HOURS, EVENING, MORNING)
    assert _values(connection, "obv") == {EVENING: 2}


@pytest.mark.usefixtures("candles")
def test_the_revision_is_the_sum_of_those_of_the_candles_and_unfinished_ones_do_not_count(
    connection: Connection,
) -> None:
    connection.execute(update(Candle).where(Candle.bucket_start == MORNING).values(is_final=False))
    recompute(connection, HOURS)
    query = select(Indicator.revision).where(Indicator.name == "obv").order_by(Indicator.bucket_start)
    assert connection.scalars(query).all() == [5, 10]


def _insert_candle(connection: Connection, start: datetime, price: Decimal) -> None:
    prices = dict.fromkeys(("open", "high", "low", "close", "vwap"), price)
    whole = {"is_final": True, "is_partial": False, "revision": 5, "origin": "stream"}
    of = {"symbol": "A", "interval": "1h", "bucket_start": start, "source": "archive"}
    connection.execute(insert(Candle).values(**of, **prices, **whole, volume=1, trade_count=1))


def _insert_event(connection: Connection, moment: datetime, day: date) -> None:
    event = {"event_id": f"archive:A:{moment}", "source": "archive", "kind": "quote", "price": 20}
    times = {"event_time": moment, "ingest_time": moment, "trading_day": day}
    connection.execute(insert(Snapshot).values(symbol="A", **event, **times))


def _values(connection: Connection, name: str) -> dict[datetime, float | None]:
    query = select(Indicator.bucket_start, Indicator.value).where(Indicator.name == name)
    return {start.astimezone(UTC): value for start, value in connection.execute(query)}
