"""The candles that trades come to, computed by DuckDB: other code, other language, other arithmetic."""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path

import duckdb

from producer.events import MarketEvent, to_datetime

SCALE = Decimal(1).scaleb(-18)

TRADES = """
SELECT symbol, source, event_time::BIGINT AS event_time, sequence::BIGINT AS sequence, price, size
FROM read_csv($file, all_varchar = true, header = true)
"""

CANDLES = """
WITH lines AS (
    SELECT line FROM read_csv($file, columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '',
                              header = false, max_line_size = 10000000)
)
SELECT symbol, bucket, last(source ORDER BY event_time, sequence),
       first(price ORDER BY event_time, sequence), max(price), min(price),
       last(price ORDER BY event_time, sequence), sum(size), sum(price::DECIMAL(38, 8) * size), count(*)
FROM (
    SELECT * REPLACE (price::DECIMAL(18, 8) AS price, size::DECIMAL(18, 8) AS size),
           event_time - event_time % ($seconds::BIGINT * 1000000) AS bucket
    FROM ({trades})
)
GROUP BY symbol, bucket
ORDER BY symbol, bucket
"""


@dataclass(frozen=True)
class Candle:
    """One row of the table, without the columns that tell how it came about."""

    symbol: str
    bucket_start: datetime
    source: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    vwap: Decimal | None
    trade_count: int
    is_final: bool = True
    is_partial: bool = False


def candles_of(
    trades: Iterable[MarketEvent], folder: Path, *, partial: Collection[datetime] = (), seconds: int = 60
) -> list[Candle]:
    """The final candles of these trades by symbol and time; those that start in `partial` say so.

    Prices and sizes may have 10 digits before the point and 8 behind it: then every sum is exact.
    """
    file = folder / "trades.csv"
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["symbol", "source", "event_time", "sequence", "price", "size"])
        for trade in trades:
            numbers = (f"{trade.price:f}", f"{trade.size:f}")
            writer.writerow([trade.symbol, trade.source, trade.event_time, trade.sequence, *numbers])
    candles = candles_in(file, TRADES, seconds)
    return [replace(candle, is_partial=candle.bucket_start in partial) for candle in candles]


def candles_in(file: Path, trades: str, seconds: int = 60) -> list[Candle]:
    """The final candles of what DuckDB reads in a file.

    `trades` is the query of `$file`, or of its `lines`, for symbol, source, event_time (microseconds),
    sequence, and price and size as text.
    """
    with duckdb.connect() as connection:
        rows = connection.execute(
            CANDLES.format(trades=trades), {"file": str(file), "seconds": seconds}
        ).fetchall()
    return [_candle(row) for row in rows]


def _candle(row: tuple[object, ...]) -> Candle:
    symbol, bucket, source, opened, high, low, close, volume, turnover, count = row
    assert isinstance(bucket, int)
    assert isinstance(count, int)
    start = to_datetime(bucket)
    volume, turnover = Decimal(str(volume)), Decimal(str(turnover))
    with localcontext() as context:
        context.prec = 100
        vwap = (turnover / volume).quantize(SCALE, ROUND_HALF_EVEN) if volume else None
    return Candle(
        str(symbol),
        start,
        str(source),
        open=Decimal(str(opened)),
        high=Decimal(str(high)),
        low=Decimal(str(low)),
        close=Decimal(str(close)),
        volume=volume,
        vwap=vwap,
        trade_count=count,
    )
