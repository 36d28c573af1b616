"""Fills a database with a market that the read API can be asked about: generated where it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg2.extensions

END = datetime(2026, 1, 9, 21, tzinfo=UTC)
"""When the newest candle ends: fixed, so that a documented request has an answer."""
END_OF_DAY = timedelta(hours=END.hour)
NAMED = ("BTC-USD", "ETH-USD", "AAPL")
"""The symbols that documented requests ask for; the others are numbered."""
STORED = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "1d": 1_440}

SYMBOLS = """
    INSERT INTO assets (symbol, asset_class, source, calendar)
    SELECT symbol, 'equity', 'simulator', CASE WHEN symbol = 'AAPL' THEN 'XNYS' ELSE '24/7' END
    FROM unnest(%(symbols)s) AS symbol
"""
# Prices wander as a sum of waves: no two alike, and none that is not positive.
CANDLES = """
    INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume, vwap,
                         trade_count, is_final, is_partial, revision, origin)
    SELECT symbol, %(interval)s, %(start)s + i * %(length)s, 'simulator', price, price + 0.5, price - 0.5,
           price + 0.25, volume, price + 0.1, 25, true, false, 51, 'stream'
    FROM unnest(%(symbols)s) WITH ORDINALITY AS symbols (symbol, n), generate_series(0, %(count)s - 1) AS i,
         LATERAL (SELECT round((100 + n %% 97 + 5 * sin(i / 60.0 + n) + sin(i * 1.7))::numeric, 6) AS price,
                         round((10 + 9 * sin(i * 0.9 + n))::numeric, 8) AS volume) AS wave
"""
INDICATORS = """
    INSERT INTO indicators (symbol, interval, bucket_start, name, value, revision)
    SELECT symbol, '1m', %(end)s - i * interval '1 minute', name, i / 7.0, 51
    FROM unnest(%(symbols)s) AS symbol, generate_series(1, %(count)s) AS i, unnest(%(names)s) AS name
"""
SNAPSHOTS = """
    INSERT INTO snapshots (symbol, event_time, event_id, source, kind, ingest_time, price, size)
    SELECT symbol, %(end)s - i * interval '10 seconds', 'e' || i, 'simulator', 'trade', %(end)s, 100, 1
    FROM unnest(%(symbols)s) AS symbol, generate_series(1, %(count)s) AS i
"""
REST = """
    INSERT INTO ingest_runs (kind, source, status, started_at, finished_at)
    SELECT 'fetch', 'simulator', 'succeeded', %(end)s - i * interval '1 minute', %(end)s
    FROM generate_series(1, %(count)s) AS i;
    INSERT INTO gaps (symbol, source, reason, started_at, ended_at, closed_at)
    SELECT 'AAPL', 'simulator', 'silence', %(end)s - i * interval '1 minute', %(end)s, %(end)s
    FROM generate_series(1, %(count)s) AS i;
    INSERT INTO forecasts (symbol, interval, bucket_start, model, price, lower, upper, confidence,
                           trained_until, is_chosen)
    SELECT 'AAPL', '1h', start, 'drift', 100, 90, 110, 0.9, start, true
    FROM generate_series(1, %(count)s) AS i, LATERAL (SELECT %(end)s - i * interval '1 hour') AS t (start);
    INSERT INTO forecast_scores (symbol, interval, bucket_start, model, actual, absolute_error, scaled_error,
                                 is_within, candle_revision)
    SELECT symbol, interval, bucket_start, model, 101, 1, 0.5, true, 1 FROM forecasts;
    INSERT INTO forecast_backtests (symbol, interval, model, is_chosen, reason, confidence, forecast_count,
                                    mase, coverage, width, half_width, tested_until)
    SELECT 'AAPL', interval, 'drift', true, 'It is the only one.', 0.9, 500, 0.9, 0.9, 0.01, 0.005, %(end)s
    FROM unnest('{1h,1d}'::text[]) AS interval;
    INSERT INTO alert_rules (name, symbol, kind, parameters) VALUES ('above', 'AAPL', 'price_cross', '{}');
    INSERT INTO alert_events (rule_id, symbol, event_time, message)
    SELECT (SELECT max(id) FROM alert_rules), 'AAPL', %(end)s - i * interval '1 minute', 'crossed'
    FROM generate_series(1, %(count)s) AS i;
"""


@dataclass(frozen=True)
class Size:
    """How large the market is: symbols, how many one-minute candles each has, and what is beside them."""

    symbols: int
    minutes: int
    indicator_minutes: int
    snapshots: int
    other_rows: int


def fill(owner: psycopg2.extensions.connection, size: Size, indicator_names: list[str]) -> list[str]:
    """Fill an empty, migrated database; returns the symbols. Statistics are fresh afterwards."""
    symbols = [*NAMED, *(f"S{number:03}" for number in range(size.symbols - len(NAMED)))]
    with owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO data_sources (name, kind, description)"
            " VALUES ('simulator', 'simulated', 'generated')"
        )
        cursor.execute(SYMBOLS, {"symbols": symbols})
        for interval, minutes in STORED.items():
            length = timedelta(minutes=minutes)
            count = max(2, size.minutes // minutes)
            start = END - END_OF_DAY - count * length if interval == "1d" else END - count * length
            cursor.execute(
                CANDLES,
                {"interval": interval, "start": start, "length": length, "count": count, "symbols": symbols},
            )
        cursor.execute(
            INDICATORS,
            {"symbols": symbols, "end": END, "count": size.indicator_minutes, "names": indicator_names},
        )
        for day in range(size.snapshots * 10 // 86_400 + 2):
            cursor.execute("SELECT ensure_snapshot_partition(%s)", ((END - timedelta(days=day)).date(),))
        cursor.execute(SNAPSHOTS, {"symbols": symbols, "end": END, "count": size.snapshots})
        cursor.execute(REST, {"end": END, "count": size.other_rows})
        cursor.execute("VACUUM (ANALYZE)")
    return symbols
