"""Superset over its API: charts have rows, and nobody writes through it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import httpx
import psycopg2
import psycopg2.errors
import pytest

from tests.browser.superset_api import SupersetApi, log_in
from tests.stack import RunningStack

CHARTS = {
    "Candles",
    "Close, change since the start of the range",
    "How fresh the data is",
    "Last prices",
    "Most active",
    "Volume traded (price × volume)",
    "What is missing",
    "Where the data comes from",
}
COLUMNS = ("open", "high", "low", "close", "volume")
STORED = """
SELECT extract(epoch FROM bucket_start) * 1000, open, high, low, close, volume FROM candles
WHERE symbol = %s AND "interval" = '1m' AND extract(epoch FROM bucket_start) * 1000 = ANY(%s)
"""


FORGOTTEN = "DELETE FROM gaps WHERE symbol = 'SOL-USD.SIM'"
TWO_GAPS = """
INSERT INTO gaps (symbol, source, reason, started_at, ended_at, missing_count, closed_at) VALUES
('SOL-USD.SIM', 'simulator', 'sequence', now() - interval '2 hours', now() - interval '1 hour', 7, now()),
('SOL-USD.SIM', 'simulator', 'missing_candles', now() - interval '1 hour', now(), 42, NULL)
"""


@pytest.fixture
def two_gaps(market: RunningStack) -> Iterator[RunningStack]:
    """A symbol with a filled and an open gap, which no other test sees."""
    _execute(market, FORGOTTEN, TWO_GAPS)
    yield market
    _execute(market, FORGOTTEN)


def _execute(market: RunningStack, *statements: str) -> None:
    connection = market.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_the_dashboard_holds_these_charts(superset: SupersetApi) -> None:
    assert set(superset.charts("market")) == CHARTS


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_a_chart_answers_with_rows(superset: SupersetApi, chart: str) -> None:
    assert superset.chart_rows(superset.charts("market")[chart])


def test_the_dashboard_refreshes_all_charts_every_ten_seconds(superset: SupersetApi) -> None:
    metadata = superset.dashboard_metadata("market")
    assert metadata["refresh_frequency"] == 10
    assert metadata["stagger_refresh"] is False


def test_the_dashboard_is_filtered_by_symbol_interval_and_time(superset: SupersetApi) -> None:
    filters = superset.dashboard_metadata("market")["native_filter_configuration"]
    assert [one["name"] for one in filters] == ["Symbol", "Interval", "Time range"]


def test_candles_are_those_of_the_database_digit_for_digit(
    superset: SupersetApi, market: RunningStack
) -> None:
    number = superset.charts("market")["Candles"]
    rows = [row for row in superset.chart_rows(number) if row["symbol"] == "ETH-USD.SIM" and row["is_final"]]
    shown = {row["bucket_start"]: [Decimal(row[f"{name}_exact"]) for name in COLUMNS] for row in rows}
    assert shown
    assert shown == _stored(market, "ETH-USD.SIM", shown)


def test_the_candles_of_a_share_are_years_of_real_days_and_called_history(superset: SupersetApi) -> None:
    rows = superset.chart_rows(
        superset.charts("market")["Candles"],
        columns=["bucket_start", "data"],
        filters=[
            {"col": "symbol", "op": "==", "val": "AAPL"},
            {"col": "interval", "op": "==", "val": "1d"},
        ],
        time_range="No filter",
        row_limit=5_000,
    )
    assert len({row["bucket_start"] for row in rows}) == 3_270
    assert {row["data"] for row in rows} == {"HISTORY"}


def test_a_share_of_which_there_are_only_days_can_be_chosen(superset: SupersetApi) -> None:
    rows = superset.chart_rows(superset.charts("market")["Last prices"])
    assert {row["symbol"]: row["data"] for row in rows}.get("AAPL") == "HISTORY"


def test_every_row_of_last_prices_names_its_source_and_how_old_its_change_is(superset: SupersetApi) -> None:
    rows = superset.chart_rows(superset.charts("market")["Last prices"])
    simulated = [row for row in rows if row["source"] == "simulator"]
    assert {row["data"] for row in simulated} == {"SIMULATED"}
    for row in simulated:
        assert row["change_since"] is not None
        assert row["change_24h"] is not None


def test_freshness_is_the_age_of_the_newest_candle_in_seconds(superset: SupersetApi) -> None:
    rows = superset.chart_rows(superset.charts("market")["How fresh the data is"])
    ages = [row["candle_age"] for row in rows if row["source"] == "simulator"]
    assert ages
    assert all(0 <= age < 3600 for age in ages)


def test_a_symbol_says_what_is_missing_and_what_was_filled(
    superset: SupersetApi, two_gaps: RunningStack
) -> None:
    found = superset.chart_rows(
        superset.charts("market")["What is missing"],
        filters=[{"col": "symbol", "op": "IN", "val": ["SOL-USD.SIM", "ETH-USD.SIM"]}],
    )
    rows = {row["symbol"]: row for row in found}
    shown = rows["SOL-USD.SIM"]
    assert (shown["open_gaps"], shown["filled_gaps"], shown["completeness"]) == (1, 1, "missing")
    assert (shown["newest_reason"], shown["newest_missing"]) == ("missing candles", 42)
    assert rows["ETH-USD.SIM"]["completeness"] == "complete"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM candles",
        "INSERT INTO data_sources (name, kind) VALUES ('intruder', 'live')",
        "DROP TABLE candles",
        "WITH gone AS (DELETE FROM candles RETURNING symbol) SELECT symbol FROM gone",
    ],
)
def test_sql_lab_refuses_to_write(superset: SupersetApi, statement: str) -> None:
    answer = superset.run_sql(statement)
    assert answer.is_error
    assert answer.json()["errors"][0]["error_type"] == "DML_NOT_ALLOWED_ERROR"


def test_sql_lab_reads(superset: SupersetApi) -> None:
    answer = superset.run_sql("SELECT count(*) AS candles FROM candles")
    assert answer.json()["data"][0]["candles"] > 0


def test_the_role_superset_reads_with_cannot_write_even_when_it_asks_to(stack: RunningStack) -> None:
    connection = stack.psycopg("market_reader")
    try:
        connection.set_session(readonly=False)
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("DELETE FROM candles")
    finally:
        connection.close()


@pytest.mark.parametrize("password", ["admin", "", "wrong but long enough"])
def test_a_default_or_wrong_password_is_refused(stack: RunningStack, password: str) -> None:
    with httpx.Client(base_url=stack.superset_url, timeout=60) as client:
        assert log_in(client, password).status_code in {400, 401}


def test_who_is_not_logged_in_sees_nothing(stack: RunningStack) -> None:
    with httpx.Client(base_url=stack.superset_url, timeout=60) as client:
        assert client.get("/api/v1/dashboard/market/charts").status_code in {401, 403, 404}
        assert "login" in client.get("/superset/dashboard/market/").headers["location"]


def _stored(stack: RunningStack, symbol: str, times: Iterable[int]) -> dict[int, list[Decimal]]:
    connection = stack.psycopg("market_reader")
    try:
        with connection.cursor() as cursor:
            cursor.execute(STORED, (symbol, list(times)))
            return {int(time): values for time, *values in cursor.fetchall()}
    finally:
        connection.close()
