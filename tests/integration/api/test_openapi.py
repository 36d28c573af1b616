"""The API does what its description says: Schemathesis asks all that it allows, and more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.api.database import MINUTE, MONDAY, Market

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.timeout(240)
def test_schemathesis_finds_no_failure(address: str, market: Market, tmp_path: Path) -> None:
    for symbol in ("0", "BTC-USD.SIM"):  # what is asked at random, and what is an example
        market.asset(symbol, source="simulator")
        for index in range(5):
            market.candle(symbol, MONDAY + index * MINUTE, 100 + index)
    result = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"),
            f"{address}/openapi.json",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_answer_is_described_by_the_struct_that_it_is_made_of(address: str) -> None:
    description = httpx.get(f"{address}/openapi.json").json()
    schemas = description["components"]["schemas"]
    for path, operations in description["paths"].items():
        content = operations["get"]["responses"]["200"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert schemas[name]["properties"], path
