"""The chart page where other machines reach the read API, too: it asks for a key."""

import hashlib
import secrets

import pytest
from playwright.sync_api import Page, expect

from db.settings import DatabaseSettings
from tests.browser.chart.conftest import Server
from tests.browser.chart.market import Market, this_minute, walk
from tests.browser.chart.visit import visit
from tests.integration.db.server import superuser

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def key(chart_database: DatabaseSettings) -> str:
    """A key for reading."""
    secret = secrets.token_urlsafe(32)
    with superuser(chart_database, chart_database.postgres_db) as cursor:
        cursor.execute(
            "INSERT INTO api_keys (name, scope, secret_hash) VALUES ('chart', 'read', %s) RETURNING id",
            (hashlib.sha256(secret.encode()).hexdigest(),),
        )
        (number,) = cursor.fetchone()
    return f"candlewick_{number}_{secret}"


def test_a_key_opens_the_chart_and_its_live_connection_until_the_tab_is_closed(
    page: Page, chart_server: Server, chart_market: Market, key: str
) -> None:
    chart_market.asset("GUARDED.SIM", "Guarded", "simulator")
    chart_market.candles(walk("GUARDED.SIM", this_minute(), 30))
    guarded = chart_server.on_another_port(API_HOST=EVERYWHERE)
    opened = visit(page, guarded.url)
    with guarded.running():
        page.goto(f"{guarded.url}/dashboard/GUARDED.SIM")
        expect(opened.notice).to_contain_text("POST /keys")
        page.get_by_label("API key").fill("candlewick_1_wrong")
        page.get_by_role("button", name="Use this key").click()
        expect(opened.notice).to_contain_text("The API key is wrong or revoked")
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Use this key").click()
        expect(opened.notice).to_be_hidden()
        expect(page.locator("#connection")).to_contain_text("Connected", timeout=40_000)
        page.reload()
        expect(opened.legend).to_contain_text("Source simulator")
        assert key not in page.evaluate("JSON.stringify(localStorage)")
        assert key not in page.url
