"""The chart plugins' arithmetic, run by Node as a browser runs it."""

import json
import subprocess
from typing import Any

import pytest

from ops.settings import REPOSITORY

PLUGINS = REPOSITORY / "superset/plugins"
MINUTE = 60_000  # milliseconds, as Superset hands times to a chart
START = 1_767_323_040_000  # 2026-01-02 03:04 UTC


def candle(minute: int, symbol: str = "BTC-USD", interval: str = "1m") -> dict[str, Any]:
    return {
        "symbol": symbol,
        "interval": interval,
        "bucket_start": START + minute * MINUTE,
        "source_kind": "live",
    }


def test_candles_are_put_in_order_of_time() -> None:
    series = call("candle_series.js", "candleSeries", [candle(1), candle(2), candle(0)])
    assert [slot["time"] for slot in series["slots"]] == [START, START + MINUTE, START + 2 * MINUTE]
    assert series["gaps"] == 0


def test_a_missing_candle_stays_a_gap() -> None:
    series = call("candle_series.js", "candleSeries", [candle(0), candle(3)])
    assert [slot["candle"] is None for slot in series["slots"]] == [False, True, True, False]
    assert series["gaps"] == 1


def test_a_closed_night_does_not_push_the_candles_aside() -> None:
    series = call("candle_series.js", "candleSeries", [candle(0), candle(1000)])
    assert len(series["slots"]) == 32
    assert series["gaps"] == 1


def test_one_symbol_is_drawn_and_the_others_are_named() -> None:
    series = call("candle_series.js", "candleSeries", [candle(0, "ETH-USD"), candle(0, "BTC-USD")])
    assert series["symbols"] == ["BTC-USD", "ETH-USD"]
    assert [slot["candle"]["symbol"] for slot in series["slots"]] == ["BTC-USD"]


def test_no_rows_are_no_candles() -> None:
    assert call("candle_series.js", "candleSeries", [])["slots"] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("60123.4500", "60,123.4500"),
        ("-1234567.000000000000000001", "-1,234,567.000000000000000001"),
        ("7", "7"),
        (None, "–"),
        ("1e-9", "1e-9"),
    ],
)
def test_a_number_keeps_every_digit(text: str | None, shown: str) -> None:
    assert call("presentation.js", "exactNumber", text) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.4, "4 s"), (720, "12 min"), (10_800, "3 h"), (172_800, "2 days"), (-1, "0 s")]
)
def test_an_age_is_told_in_words(seconds: float, shown: str) -> None:
    assert call("presentation.js", "age", seconds) == shown


def test_an_unregistered_source_never_looks_live() -> None:
    assert call("presentation.js", "kindOf", "made-up")["text"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("host", "symbol", "address"),
    [
        ("127.0.0.1", "BTC-USD", "http://127.0.0.1:8001/dashboard/BTC-USD?interval=5m"),
        ("[::1]", "BTC/USD", "http://[::1]:8001/dashboard/BTC/USD?interval=5m"),
        # At every address of the machine: then it is at that of the dashboard.
        ("", "^GSPC", "http://market.example:8001/dashboard/%5EGSPC?interval=5m"),
        ("", "A?B#C%", "http://market.example:8001/dashboard/A%3FB%23C%25?interval=5m"),
        ("", '"><b>', "http://market.example:8001/dashboard/%22%3E%3Cb%3E?interval=5m"),
        ("", "//evil.example/", "http://market.example:8001/dashboard///evil.example/?interval=5m"),
    ],
)
def test_the_chart_page_of_a_symbol_is_at_the_read_api_whatever_the_symbol_holds(
    host: str, symbol: str, address: str
) -> None:
    page = {"hostname": "market.example"}
    given = {"readApi": {"host": host, "port": 8001}, "page": page, "symbol": symbol, "interval": "5m"}
    assert call("chart_address.js", "chartAddress", given) == address


def call(module: str, function: str, argument: object) -> Any:
    """What a plugin's function returns for one argument."""
    program = f"""
        import {{ {function} }} from '{(PLUGINS / module).as_uri()}';
        process.stdout.write(JSON.stringify({function}(JSON.parse(process.argv[1]))));
    """
    result = subprocess.run(
        ["node", "--input-type=module", "--eval", program, "--", json.dumps(argument)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(result.stdout)
