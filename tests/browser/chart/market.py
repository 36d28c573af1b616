"""A market written straight into the database, as the job and the producer would write it."""

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg2.extras import execute_values

from stream_job.indicators.candle import Candle as IndicatorCandle
from stream_job.indicators.catalogue import CATALOGUE

MINUTE = timedelta(minutes=1)
CENT = Decimal("0.01")
ORDER = (
    *("symbol", "interval", "bucket_start", "source", "open", "high", "low", "close", "volume"),
    *("is_final", "is_partial", "revision", "origin"),
)
ASSETS = "INSERT INTO assets (symbol, name, asset_class, source, calendar) VALUES %s"
CANDLES = """
INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume,
    is_final, is_partial, revision, origin, vwap, trade_count) VALUES %s
ON CONFLICT (symbol, interval, bucket_start) DO UPDATE SET open = EXCLUDED.open, high = EXCLUDED.high,
    low = EXCLUDED.low, close = EXCLUDED.close, volume = EXCLUDED.volume, is_final = EXCLUDED.is_final,
    revision = EXCLUDED.revision
"""
INDICATORS = "INSERT INTO indicators (symbol, interval, bucket_start, name, value, revision) VALUES %s"


@dataclass(frozen=True)
class MarketCandle:
    """One row of `candles`; prices and volume are decimals in text."""

    symbol: str
    bucket_start: datetime
    open: str
    high: str
    low: str
    close: str
    volume: str = "12.5"
    interval: str = "1m"
    source: str = "simulator"
    is_final: bool = True
    is_partial: bool = False
    revision: int = 9
    origin: str = "stream"

    def changed(self, **fields: Any) -> "MarketCandle":
        """The same candle with other fields, in the next revision."""
        return replace(self, **{"revision": self.revision + 1, **fields})


class Market:
    """The tables that the chart page shows, filled by whoever may write."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def source(self, name: str, kind: str) -> None:
        """Register a provider of data."""
        self._fill(
            "INSERT INTO data_sources (name, kind, description) VALUES %s", [(name, kind, "For tests.")]
        )

    def asset(self, symbol: str, name: str, source: str, asset_class: str = "crypto") -> None:
        """Follow a symbol."""
        self._fill(ASSETS, [(symbol, name, asset_class, source, "24/7")])

    def candles(self, rows: Iterable[MarketCandle]) -> None:
        """Write candles, or their next revisions."""
        self._fill(
            CANDLES,
            [(*(getattr(row, name) for name in ORDER), row.close, 7) for row in rows],
        )

    def indicators(self, rows: Iterable[MarketCandle]) -> None:
        """Write what the job computes from final candles of one series, in order of time."""
        created = [(definition.values, definition.create()) for definition in CATALOGUE]
        found: list[tuple[Any, ...]] = []
        for row in rows:
            candle = IndicatorCandle(
                int(row.bucket_start.timestamp() * 1_000_000),
                row.bucket_start.date(),
                float(row.open),
                float(row.high),
                float(row.low),
                float(row.close),
                float(row.volume),
            )
            for values, indicator in created:
                answer = indicator.update(candle)
                numbers = answer if isinstance(answer, tuple) else (answer,) * len(values)
                found += [
                    (row.symbol, row.interval, row.bucket_start, value.name, number, 1)
                    for value, number in zip(values, numbers, strict=True)
                ]
        self._fill(INDICATORS, found)

    def gap(self, symbol: str, source: str, begin: datetime, end: datetime) -> None:
        """Write a gap of the reason silence."""
        columns = "INSERT INTO gaps (symbol, source, reason, started_at, ended_at) VALUES %s"
        self._fill(columns, [(symbol, source, "silence", begin, end)])

    def price_alert(self, symbol: str, price: str, fired: datetime | None = None) -> None:
        """Write a rule that waits for a price, and perhaps that it fired."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO alert_rules (name, symbol, kind, parameters) VALUES (%s, %s, 'price_cross', "
                "jsonb_build_object('price', %s, 'direction', 'up')) RETURNING id",
                (f"above {price}", symbol, price),
            )
            (rule,) = cursor.fetchone()
        if fired is not None:
            columns = "INSERT INTO alert_events (rule_id, symbol, event_time, message, value) VALUES %s"
            message = f"{symbol} rose to {price}"
            self._fill(columns, [(rule, symbol, fired, message, float(price))])

    def forecast(self, symbol: str, begin: datetime, prices: Iterable[Decimal], interval: str = "1m") -> None:
        """Write a model's forecast, its band growing with the time ahead; trained until `begin`."""
        columns = (
            "INSERT INTO forecasts (symbol, interval, bucket_start, model, price, lower, upper, confidence, "
            "trained_until, is_chosen) VALUES %s"
        )
        rows = [
            (
                symbol,
                interval,
                begin + step * MINUTE,
                "theta",
                price,
                price - step - 1,
                price + step + 1,
                0.8,
                begin,
                True,
            )
            for step, price in enumerate(prices)
        ]
        self._fill(columns, rows)

    def _fill(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            execute_values(cursor, statement, rows, page_size=1_000)


def this_minute() -> datetime:
    """The minute that it is, in UTC."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def walk(symbol: str, end: datetime, count: int, price: str = "60000", **fields: Any) -> list[MarketCandle]:
    """So many finished candles of a minute before `end`, each opening where the one before closed."""
    dice = random.Random(symbol)
    close = Decimal(price)
    closes = [close := (close * Decimal(1 + dice.gauss(0, 0.0006))).quantize(CENT) for _ in range(count + 1)]
    rows = []
    for number, (opened, closed) in enumerate(itertools.pairwise(closes)):
        reach = [(close * Decimal(abs(dice.gauss(0, 0.0003)))).quantize(CENT) for _ in range(2)]
        rows.append(
            MarketCandle(
                symbol,
                end - (count - number) * MINUTE,
                str(opened),
                str(max(opened, closed) + reach[0]),
                str(min(opened, closed) - reach[1]),
                str(closed),
                f"{dice.uniform(2, 20) * (3 if dice.random() < 0.1 else 1):.4f}",
                **fields,
            )
        )
    return rows
