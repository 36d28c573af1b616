"""`candlewick forecast`, and the jobs of the schedule that run it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from db.settings import DatabaseSettings
from producer.errors import JobFailedError
from producer.schedule.forecasting import Forecasting
from tests.integration.forecasts.conftest import Market, Run
from tests.integration.producer.conftest import KEY, Serve, broker, serve, settings
from tests.integration.producer.shell import Shell
from tests.integration.producer.waiting import WAIT_SECONDS
from tests.stack import RunningStack
from tests.unit.forecasts.walks import random_walk

__all__ = ["broker", "serve", "settings"]


@pytest.fixture
def candlewick(stack: RunningStack, tmp_path: Path) -> Shell:
    return Shell(stack.environment, stack.env, tmp_path)


async def test_a_program_reads_a_run_as_one_document(market: Market, candlewick: Shell) -> None:
    symbol, short = market.follow(), market.follow()
    end = market.candles(symbol, random_walk(60))
    market.candles(short, random_walk(12))
    ended = await candlewick("forecast", "run", symbol, short, "--interval", "1d")
    assert ended.code == 0
    (made,) = ended.document["forecasts"]
    assert (made["symbol"], made["interval"], made["model"]) == (symbol, "1d", "naive")
    assert made["bucket_start"] == end.isoformat().replace("+00:00", "Z")
    assert float(made["lower"]) < float(made["price"]) < float(made["upper"])
    assert made["reason"].startswith("No model beats the naive one")
    assert ended.document["left_out"] == {f"{short} 1d": f"{short} 1d: 12 candles, 60 are needed."}

    listed = await candlewick("forecast", "list", symbol)
    assert listed.document == [made]
    every = await candlewick("forecast", "list", symbol, "--models")
    assert [one["model"] for one in every.document] == ["drift", "naive", "seasonal_naive"]


async def test_a_person_sees_tables(market: Market, candlewick: Shell) -> None:
    symbol = market.follow(kind="simulated", prefix="S")
    market.candles(symbol, random_walk(60))
    shown = await candlewick.on_a_terminal("forecast", "run", symbol, "--interval", "1d")
    assert shown.code == 0
    assert " ".join(shown.output.split()).count("Of simulated prices. No model beats the naive one") == 1
    tested = await candlewick.on_a_terminal("forecast", "backtest", symbol, "--interval", "1d")
    assert "Within" in tested.output
    assert "seasonal_naive" in tested.output


async def test_scores_tell_the_mase_and_coverage_of_each_model(
    market: Market, forecast: Run, candlewick: Shell
) -> None:
    symbol = market.follow()
    closes = [round(close, 2) for close in random_walk(60)]
    end = market.candles(symbol, closes)
    forecast(symbol)
    end = market.candles(symbol, [closes[-1]], start=end)
    forecast(symbol)
    market.candles(symbol, [closes[-1] + 100], start=end)
    forecast(symbol)
    scored = (await candlewick("forecast", "scores", "--symbol", symbol)).document
    assert {one["forecasts"] for one in scored} == {2}
    naive = next(one for one in scored if one["model"] == "naive")
    assert (naive["coverage"], naive["confidence"]) == (0.5, 0.9)
    newest = (await candlewick("forecast", "scores", "--symbol", symbol, "--last", "1")).document
    last_naive = next(one for one in newest if one["model"] == "naive")
    assert (last_naive["forecasts"], last_naive["coverage"]) == (1, 0.0)
    assert last_naive["mase"] == pytest.approx(2 * naive["mase"])


async def test_a_symbol_that_cannot_be_forecast_is_a_failure_where_it_was_asked_for(
    market: Market, candlewick: Shell
) -> None:
    short = market.follow()
    unknown = await candlewick("forecast", "run", "NOBODY-USD")
    assert (unknown.code, unknown.output) == (1, "")
    assert unknown.notes.startswith("NOBODY-USD: not followed.")
    ended = await candlewick("forecast", "run", short, "--interval", "1d")
    assert ended.code == 1
    assert ended.document["left_out"] == {f"{short} 1d": f"{short} 1d: 0 candles, 60 are needed."}


async def test_a_wrong_setting_is_a_sentence(candlewick: Shell) -> None:
    ended = await candlewick("forecast", "run", FORECAST_CONFIDENCE="7")
    assert ended.code == 1
    assert ended.notes.startswith("FORECAST_CONFIDENCE: Input should be less than or equal to 0.99")


async def test_without_the_database_the_reason_is_a_sentence(candlewick: Shell) -> None:
    ended = await candlewick("forecast", "list", POSTGRES_PORT="1")
    assert ended.code == 1
    assert "nothing listens there" in ended.notes


async def test_the_schedule_forecasts_in_a_process_of_its_own_and_tells_of_it(
    serve: Serve, market: Market
) -> None:
    symbol = market.follow()
    market.candles(symbol, random_walk(60), "1h")
    async with serve() as client:
        job = await finished(client, "forecast-1h")
    assert job["last_status"] == "succeeded"
    assert "series forecast" in job["last_detail"]
    assert "No model beats the naive one for" in job["last_detail"]
    assert market.query("SELECT count(*) FROM forecasts WHERE symbol = %s AND interval = '1h'", symbol) == [
        (2,)
    ]


async def test_a_process_that_fails_is_told_with_its_reason(database_settings: DatabaseSettings) -> None:
    away = database_settings.model_copy(update={"postgres_port": 1})
    with pytest.raises(JobFailedError, match=r"^Nothing was forecast: .*nothing listens there"):
        await Forecasting(away, 1.0).forecast("1h", None)


async def finished(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """Run a job of the schedule now, and wait for its end."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (await client.get("/schedule")).status_code == 503:
            await asyncio.sleep(0.05)
        # Over the full hour it runs already.
        assert (await client.post(f"/schedule/{name}/run", headers=KEY)).status_code in {202, 409}
        while True:
            jobs = {job["name"]: job for job in (await client.get("/schedule")).json()}
            if not jobs[name]["running"] and jobs[name]["last_finished_at"]:
                found: dict[str, Any] = jobs[name]
                return found
            await asyncio.sleep(0.1)
