"""A market with absurd sizes, such as a broken feed makes, does not take the tables from the others."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard import MILLISECONDS, log_in
from tests.browser.superset_api import SupersetApi
from tests.stack import RunningStack

CANDLE = """
INSERT INTO candles (symbol, interval, bucket_start, source, open, high, low, close, volume, vwap,
                     trade_count, is_final, is_partial, revision, origin)
VALUES ('HUGE.SIM', '1m', date_trunc('minute', now()) - interval '1 minute', 'simulator', 12345, 12345, 12345,
        12345, 9e19, 12345, 1, true, false, 3, 'stream')
"""


@pytest.fixture(scope="module")
def huge_market(market: RunningStack) -> Iterator[RunningStack]:
    """A turnover of 1.11105e24: a whole number that no binary float holds."""
    connection = market.psycopg("market_writer")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(CANDLE)
        yield market
        with connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM candles WHERE symbol = 'HUGE.SIM'")
    finally:
        connection.close()


@pytest.fixture(scope="module")
def page(huge_market: RunningStack, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    log_in(page, huge_market.superset_url, huge_market.env["SUPERSET_ADMIN_PASSWORD"])
    page.wait_for_url("**/superset/welcome/")
    yield page
    context.close()


@pytest.mark.parametrize("table", ["Most active", "Last prices"])
def test_a_table_shows_a_huge_turnover_beside_the_others(
    page: Page, huge_market: RunningStack, superset: SupersetApi, table: str
) -> None:
    number = superset.charts("market")[table]
    page.goto(f"{huge_market.superset_url}/explore/?slice_id={number}&standalone=1&force=true")
    rows = page.locator("table tbody tr")
    expect(rows.filter(has_text="HUGE.SIM")).to_contain_text("1.11Y", timeout=MILLISECONDS)
    expect(rows.filter(has_text="ETH-USD.SIM")).to_be_visible()
