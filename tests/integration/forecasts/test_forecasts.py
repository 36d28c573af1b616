"""Forecasts as they are written: what is in the tables after runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from psycopg2.errors import CheckViolation, UniqueViolation

from stream_job.errors import ForecastImpossibleError
from tests.integration.forecasts.conftest import START, Market, Run
from tests.unit.forecasts.walks import random_walk, swinging

FORECASTS = (
    "SELECT model, bucket_start, price, lower, upper, confidence, trained_until, is_chosen, source_kind,"
    " naive_mae FROM forecasts WHERE symbol = %s ORDER BY bucket_start, model"
)
SCORES = (
    "SELECT model, actual, absolute_error, scaled_error, is_within, candle_revision"
    " FROM forecast_scores WHERE symbol = %s ORDER BY model"
)


def test_the_next_candle_is_forecast_by_every_model_and_one_is_chosen(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    end = market.candles(symbol, random_walk(320))
    assert forecast(symbol).done == [(symbol, "1d")]
    rows = market.query(FORECASTS, symbol)
    assert [row[0] for row in rows] == ["boosting", "drift", "naive", "ridge", "seasonal_naive"]
    for _, bucket_start, price, lower, upper, confidence, trained_until, *_ in rows:
        assert bucket_start == trained_until == end
        assert 0 < lower < price < upper
        assert confidence == 0.9
        assert price == round(price, 2)
    assert [row[0] for row in rows if row[7]] == ["naive"]
    ((reason,),) = market.query(
        "SELECT DISTINCT reason FROM forecast_backtests WHERE symbol = %s AND interval = '1d'", symbol
    )
    assert reason.startswith("No model beats the naive one")


def test_a_model_that_beats_the_naive_one_is_chosen(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, swinging(600), "1h")
    forecast(symbol, interval="1h")
    assert market.query("SELECT model FROM forecasts WHERE symbol = %s AND is_chosen", symbol) == [("ridge",)]
    ((mase, relative, p_value, coverage),) = market.query(
        "SELECT mase, relative_mase, p_value, coverage FROM forecast_backtests"
        " WHERE symbol = %s AND is_chosen",
        symbol,
    )
    assert relative < 0.95
    assert 0 < mase < 1
    assert p_value < 0.01
    assert coverage == pytest.approx(0.9, abs=0.05)


def test_a_second_run_finds_its_own_rows(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(320))
    forecast(symbol)
    first = market.query(FORECASTS, symbol)
    forecast(symbol)
    assert market.query(FORECASTS, symbol) == first
    forecast(symbol, forecast_backtest_hours=0)
    assert market.query(FORECASTS, symbol) == first


def test_a_backtest_is_used_until_it_is_old(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(100))
    made = "SELECT max(created_at) FROM forecast_backtests WHERE symbol = %s"
    forecast(symbol)
    first = market.query(made, symbol)
    forecast(symbol)
    assert market.query(made, symbol) == first
    market.query(
        "UPDATE forecast_backtests SET created_at = now() - interval '25 h' WHERE symbol = %s", symbol
    )
    forecast(symbol)
    assert market.query(made, symbol) > first


def test_another_confidence_makes_another_interval(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(100))
    naive = "SELECT upper - lower, confidence FROM forecasts WHERE symbol = %s AND model = 'naive'"
    forecast(symbol)
    ((wide, confidence),) = market.query(naive, symbol)
    assert confidence == 0.9
    forecast(symbol, forecast_confidence=0.8)
    ((narrow, confidence),) = market.query(naive, symbol)
    assert confidence == 0.8
    assert narrow < wide


def test_a_short_series_is_left_out_with_a_sentence_and_the_others_are_forecast(
    market: Market, forecast: Run
) -> None:
    short, none, long = market.follow(), market.follow(), market.follow()
    market.candles(short, random_walk(12))
    market.candles(long, random_walk(60))
    outcome = forecast(short, none, long)
    assert outcome.done == [(long, "1d")]
    assert outcome.left_out == {
        f"{short} 1d": f"{short} 1d: 12 candles, 60 are needed.",
        f"{none} 1d": f"{none} 1d: 0 candles, 60 are needed.",
    }


def test_only_final_candles_since_the_last_long_silence_are_seen(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(200))
    end = market.candles(symbol, random_walk(59), start=START + timedelta(days=300))
    market.candles(symbol, [500.0], start=end, is_final=False)
    assert forecast(symbol).left_out == {f"{symbol} 1d": f"{symbol} 1d: 59 candles, 60 are needed."}


def test_a_symbol_that_is_not_followed_is_named(forecast: Run) -> None:
    with pytest.raises(ForecastImpossibleError, match="NOBODY-USD: not followed"):
        forecast("NOBODY-USD")


def test_forecasts_of_simulated_prices_say_so(market: Market, forecast: Run) -> None:
    symbol = market.follow(kind="simulated")
    market.candles(symbol, random_walk(60))
    forecast(symbol)
    kinds = market.query("SELECT DISTINCT source_kind FROM forecasts WHERE symbol = %s", symbol)
    assert kinds == [("simulated",)]


def test_a_constant_price_is_forecast_and_scored_without_a_scale(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    end = market.candles(symbol, [5.0] * 60)
    forecast(symbol)
    market.candles(symbol, [5.5], start=end)
    forecast(symbol)
    assert {tuple(row[1:]) for row in market.query(SCORES, symbol)} == {
        (Decimal("5.5"), Decimal("0.5"), None, False, 3)
    }


def test_a_forecast_is_scored_when_the_final_candle_of_its_time_arrives(
    market: Market, forecast: Run
) -> None:
    symbol = market.follow()
    closes = [round(close, 2) for close in random_walk(100)]
    end = market.candles(symbol, closes)
    forecast(symbol)
    market.candles(symbol, [500.0], start=end, is_final=False)
    forecast(symbol)
    assert market.query(SCORES, symbol) == []

    market.candles(symbol, [closes[-1] + 1], start=end, revision=5)
    assert forecast(symbol).scored >= 3
    naive = next(row for row in market.query(SCORES, symbol) if row[0] == "naive")
    assert naive[1:3] == (Decimal(f"{closes[-1] + 1:.2f}"), Decimal(1))
    assert naive[3] == pytest.approx(1 / np.abs(np.diff(closes)).mean())
    assert naive[4:] == (True, 5)


def test_a_corrected_candle_is_scored_again(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    end = market.candles(symbol, random_walk(60))
    forecast(symbol)
    market.candles(symbol, [100.0], start=end, revision=5)
    forecast(symbol)
    market.candles(symbol, [999.0], start=end, revision=7)
    forecast(symbol)
    assert {(row[1], row[4], row[5]) for row in market.query(SCORES, symbol)} == {(Decimal(999), False, 7)}


def test_a_partial_candle_scores_nothing(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    end = market.candles(symbol, random_walk(60))
    forecast(symbol)
    market.candles(symbol, [100.0], start=end, is_partial=True)
    forecast(symbol)
    assert market.query(SCORES, symbol) == []


def test_what_was_forecast_stays_as_it_was_when_the_truth_is_known(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    end = market.candles(symbol, random_walk(60))
    forecast(symbol)
    first = market.query(FORECASTS, symbol)
    market.candles(symbol, [1.0], start=end)
    forecast(symbol)
    assert market.query(FORECASTS, symbol)[: len(first)] == first


def test_when_the_time_is_up_the_rest_is_left_to_the_next_run(market: Market, forecast: Run) -> None:
    symbols = [market.follow() for _ in range(3)]
    for symbol in symbols:
        market.candles(symbol, random_walk(60))
    first = forecast(*symbols, forecast_minutes=0.0)
    assert (first.done, len(first.postponed)) == ([], 3)
    forecast(symbols[1])
    later = forecast(*symbols)
    # What was forecast longest ago, or never, comes first.
    assert [symbol for symbol, _ in later.done][-1] == symbols[1]


@pytest.mark.parametrize(
    ("trained_until", "may_be"), [(START, True), (START + timedelta(microseconds=1), False)]
)
def test_the_table_takes_no_forecast_that_was_trained_on_the_future(
    market: Market, trained_until: datetime, may_be: bool
) -> None:
    symbol = market.follow()
    row = (
        "INSERT INTO forecasts (symbol, interval, bucket_start, model, price, lower, upper, confidence,"
        " trained_until) VALUES (%s, '1d', %s, 'naive', 10, 9, 11, 0.9, %s)"
    )
    if may_be:
        market.query(row, symbol, START, trained_until)
    else:
        with pytest.raises(CheckViolation, match="not_trained_on_future"):
            market.query(row, symbol, START, trained_until)


def test_no_two_forecasts_of_a_candle_are_chosen(market: Market, forecast: Run) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(60))
    forecast(symbol)
    with pytest.raises(UniqueViolation, match="uq_forecasts_chosen"):
        market.query("UPDATE forecasts SET is_chosen = true WHERE symbol = %s", symbol)
