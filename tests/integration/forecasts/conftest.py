"""Symbols of a test's own, with candles as the job would have written them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.settings import DatabaseSettings
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.run import Outcome, run
from stream_job.forecasts.series import Floats
from stream_job.forecasts.settings import ForecastSettings
from tests.integration.producer.conftest import database_settings_of
from tests.stack import RunningStack

START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}

Run = Callable[..., Outcome]


class Market:
    """The stack's database: assets and candles go in, forecasts come out."""

    def __init__(self, stack: RunningStack) -> None:
        self._connection = stack.psycopg("market_writer")
        self._connection.autocommit = True
        self.symbols: list[str] = []

    def follow(self, kind: str = "live", calendar: str = "24/7", prefix: str = "T") -> str:
        """Follow a new symbol of a source that is so real, at a venue with this calendar."""
        symbol = f"{prefix}{uuid.uuid4().hex[:10].upper()}-USD"
        self.query(
            "INSERT INTO data_sources (name, kind, description) VALUES (%s, %s, 'A source of a test')"
            " ON CONFLICT DO NOTHING",
            f"test-{kind}",
            kind,
        )
        self.query(
            "INSERT INTO assets (symbol, asset_class, source, calendar) VALUES (%s, 'crypto', %s, %s)",
            *(symbol, f"test-{kind}", calendar),
        )
        self.symbols.append(symbol)
        return symbol

    def candles(
        self,
        symbol: str,
        closes: Sequence[float] | Floats,
        interval: ForecastInterval = "1d",
        start: datetime = START,
        *,
        is_final: bool = True,
        is_partial: bool = False,
        revision: int = 3,
    ) -> datetime:
        """Write candles of these closes one after the other; returns when the one after them begins."""
        for number, close in enumerate(closes):
            price = f"{close:.2f}"
            self.query(
                "INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume,"
                " trade_count, is_final, is_partial, revision, origin)"
                " VALUES (%s, %s, %s, 'test', %s, %s, %s, %s, 1, 1, %s, %s, %s, 'stream')"
                " ON CONFLICT (symbol, interval, bucket_start) DO UPDATE SET open = excluded.open,"
                " high = excluded.high, low = excluded.low, close = excluded.close,"
                " is_final = excluded.is_final, is_partial = excluded.is_partial,"
                " revision = excluded.revision",
                *(symbol, interval, start + number * STEP[interval], price, price, price, price),
                *(is_final, is_partial, revision),
            )
        return start + len(closes) * STEP[interval]

    def query(self, statement: str, *parameters: object) -> list[Any]:
        """Run a statement as the writer."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Leave no symbol behind that a later run of the schedule would find."""
        for table in ("forecasts", "forecast_backtests", "candles", "assets"):
            self.query(f"DELETE FROM {table} WHERE symbol = ANY(%s)", self.symbols)  # noqa: S608
        self._connection.close()


@pytest.fixture
def market(stack: RunningStack) -> Iterator[Market]:
    market = Market(stack)
    yield market
    market.close()


@pytest.fixture
def database_settings(stack: RunningStack) -> DatabaseSettings:
    return database_settings_of(stack)


@pytest.fixture
def forecast(database_settings: DatabaseSettings) -> Run:
    """Forecast these symbols, as the schedule's process does."""

    def forecast(*symbols: str, interval: ForecastInterval = "1d", **settings: object) -> Outcome:
        chosen = ForecastSettings(_env_file=None).model_copy(update=settings)  # type: ignore[call-arg]
        return run(chosen, database_settings, symbols, (interval,), None)

    return forecast
