"""Old forecasts go with their scores; those go on being kept whose candle may still come."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from db import forecast_retention
from db.connection import connect as connect_as
from db.forecast_retention import delete_old_forecasts, lock_scores
from db.settings import DatabaseSettings
from tests.integration.db.plans import planned
from tests.integration.db.server import Connect
from tests.integration.db.waiting import until

DAYS_KEPT = {"1h": 90, "1d": 730}


class Forecasts:
    """The table of forecasts, with the scores of some."""

    def __init__(self, connect: Connect) -> None:
        self._cursor = connect("market_writer").cursor()
        self._now = datetime.now(UTC)

    def add(
        self,
        days_ago: float,
        *,
        interval: str = "1h",
        is_scored: bool = True,
        made_days_ago: float | None = None,
    ) -> None:
        """Forecast a candle of so many days ago by two models."""
        start, made = (
            self._now - timedelta(days=days)
            for days in (days_ago, days_ago if made_days_ago is None else made_days_ago)
        )
        for model in ("drift", "naive"):
            self._cursor.execute(
                "INSERT INTO forecasts (symbol, interval, bucket_start, model, price, lower, upper,"
                " confidence, trained_until, created_at) VALUES ('AAPL', %s, %s, %s, 7, 6, 8, 0.9, %s, %s)",
                (interval, start, model, start, made),
            )
        if is_scored:
            self._cursor.execute(
                "INSERT INTO forecast_scores (symbol, interval, bucket_start, model, actual, absolute_error,"
                " is_within, candle_revision) SELECT symbol, interval, bucket_start, model, 7, 0, true, 1"
                " FROM forecasts WHERE interval = %s AND bucket_start = %s",
                (interval, start),
            )

    def fill(self, symbols: int, hours: int) -> None:
        """Forecast so many hours up to half an hour ago, and score them; the statistics know of it."""
        self._cursor.execute(
            "INSERT INTO forecasts (symbol, interval, bucket_start, model, price, lower, upper, confidence,"
            " trained_until, created_at) SELECT 'S' || s, '1h', start, 'naive', 7, 6, 8, 0.9, start, start"
            " FROM generate_series(1, %s) AS s, generate_series(1, %s) AS h,"
            " LATERAL (SELECT %s - (h - 0.5) * interval '1 hour' AS start) AS at",
            (symbols, hours, self._now),
        )
        self._cursor.execute(
            "INSERT INTO forecast_scores (symbol, interval, bucket_start, model, actual, absolute_error,"
            " is_within, candle_revision)"
            " SELECT symbol, interval, bucket_start, model, 7, 0, true, 1 FROM forecasts"
        )
        self._cursor.execute("ANALYZE forecasts, forecast_scores")

    def days_ago(self, interval: str = "1h") -> list[float]:
        """Of how many days ago the candles are that are still forecast."""
        self._cursor.execute(
            "SELECT DISTINCT bucket_start FROM forecasts WHERE interval = %s ORDER BY 1", (interval,)
        )
        return [(self._now - start) / timedelta(days=1) for (start,) in self._cursor.fetchall()]

    def count(self, table: str) -> int:
        self._cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(self._cursor.fetchone()[0])


@pytest.fixture
def forecasts(connect: Connect) -> Forecasts:
    return Forecasts(connect)


def delete_old(database: DatabaseSettings) -> list[str]:
    """Delete old forecasts as the program does; returns what it says."""
    said: list[str] = []
    with connect_as(database, "market_owner") as owner:
        delete_old_forecasts(owner, database, said.append)
    return said


def test_old_forecasts_go_with_their_scores_and_each_interval_has_days_of_its_own(
    forecasts: Forecasts, database: DatabaseSettings
) -> None:
    for interval, days in DAYS_KEPT.items():
        forecasts.add(days + 1, interval=interval)
        forecasts.add(days - 1, interval=interval)
    said = delete_old(database)
    assert [forecasts.days_ago(interval) for interval in DAYS_KEPT] == [[89], [729]]
    assert (forecasts.count("forecasts"), forecasts.count("forecast_scores")) == (4, 4)
    assert said == [
        "Deleted 2 forecasts of 1h that were more than 90 days old.",
        "Deleted 2 forecasts of 1d that were more than 730 days old.",
    ]


def test_a_forecast_whose_candle_has_not_come_stays_until_a_later_one_is_scored(
    forecasts: Forecasts, database: DatabaseSettings
) -> None:
    forecasts.add(400, is_scored=False)
    delete_old(database)
    assert forecasts.days_ago() == [400]
    forecasts.add(1)
    delete_old(database)
    assert forecasts.days_ago() == [1]


def test_a_score_of_another_series_does_not_pass_a_forecast_by(
    forecasts: Forecasts, database: DatabaseSettings
) -> None:
    forecasts.add(400, is_scored=False)
    forecasts.add(1, interval="1d")
    delete_old(database)
    assert forecasts.days_ago() == [400]


def test_a_forecast_of_an_old_candle_stays_as_long_as_one_that_was_made_with_it(
    forecasts: Forecasts, database: DatabaseSettings
) -> None:
    forecasts.add(4_000, made_days_ago=1)
    delete_old(database)
    assert forecasts.days_ago() == [4_000]


def test_however_many_go_each_batch_is_found_by_the_keys_indexes(
    forecasts: Forecasts, database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast_retention, "BATCH", 100)
    forecasts.fill(symbols=10, hours=100 * 24)
    with planned() as plans:
        delete_old(database)
    assert (forecasts.count("forecasts"), forecasts.count("forecast_scores")) == (10 * 90 * 24,) * 2
    assert len([plan for plan in plans if "Delete on forecasts" in plan]) >= 10 * 10 * 24 / 100
    assert [plan for plan in plans if "Seq Scan" in plan] == []


def test_while_forecasts_are_scored_none_is_deleted(forecasts: Forecasts, database: DatabaseSettings) -> None:
    forecasts.add(400)
    deleting = threading.Thread(target=delete_old, args=(database,))
    with connect_as(database, "market_writer") as writer, writer.begin():
        lock_scores(writer)
        deleting.start()
        until(lambda: _waits(forecasts))
        assert forecasts.days_ago() == [400]
    deleting.join(30)
    assert forecasts.days_ago() == []


def _waits(forecasts: Forecasts) -> bool:
    return forecasts.count("pg_locks WHERE locktype = 'advisory' AND NOT granted") == 1
