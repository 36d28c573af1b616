"""The chart page in a browser: candles, what is said of them, and how they come in."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chart.conftest import Server
from tests.browser.chart.market import MINUTE, Market, MarketCandle, this_minute, walk
from tests.browser.chart.visit import Visit, visit

CONNECTED = "Connected"


def moving(market: Market, symbol: str, source: str = "simulator", count: int = 60) -> MarketCandle:
    """A symbol with so many finished candles up to now and one unfinished, which is returned."""
    now = this_minute()
    rows = walk(symbol, now, count, source=source)
    market.asset(symbol, f"{symbol} of the tests", source)
    close = rows[-1].close
    newest = MarketCandle(symbol, now, close, close, close, close, source=source, is_final=False)
    market.candles([*rows, newest])
    return newest


def test_the_newest_candle_is_told_digit_for_digit_and_is_called_unfinished(
    opened: Visit, chart_market: Market
) -> None:
    newest = moving(chart_market, "DIGITS.SIM")
    exact = "60123.123456789012345678"
    chart_market.candles([newest.changed(high=str(99_999), low="0.5", close=exact)])
    opened.open("DIGITS.SIM")
    expect(opened.price).to_have_text("60,123.123456789012345678")
    expect(opened.legend).to_contain_text("60,123.123456789012345678")
    expect(opened.legend).to_contain_text("unfinished")
    expect(opened.page).to_have_title("60,123.123456789012345678 DIGITS.SIM 1m (simulated) – Candlewick")
    assert opened.complaints == []


def test_a_new_revision_moves_the_price_without_a_reload(opened: Visit, chart_market: Market) -> None:
    newest = moving(chart_market, "MOVES.SIM")
    opened.open("MOVES.SIM")
    expect(opened.price).not_to_have_text("77,777.00")
    chart_market.candles([newest.changed(high="88888", close="77777")])
    expect(opened.price).to_have_text("77,777.00")
    assert opened.complaints == []


@pytest.mark.parametrize(
    ("source", "said"), [("simulator", "Simulated"), ("binance", "Replayed"), ("coinbase", "Live")]
)
def test_the_kind_of_data_is_always_in_sight(
    opened: Visit, chart_market: Market, source: str, said: str
) -> None:
    moving(chart_market, f"KIND-{source.upper()}", source)
    opened.open(f"KIND-{source.upper()}")
    expect(opened.badge).to_have_text(said)


def test_an_old_price_of_a_live_source_is_called_delayed(opened: Visit, chart_market: Market) -> None:
    chart_market.asset("OLD-USD", "Old", "coinbase")
    chart_market.candles(walk("OLD-USD", this_minute() - timedelta(hours=3), 30, source="coinbase"))
    opened.open("OLD-USD")
    expect(opened.badge).to_have_text("Delayed · 3 h")


def test_a_partial_candle_says_what_it_is(opened: Visit, chart_market: Market) -> None:
    chart_market.asset("PART.SIM", "Partial", "simulator")
    rows = walk("PART.SIM", this_minute(), 30)
    chart_market.candles([*rows[:-1], replace(rows[-1], is_partial=True)])
    opened.open("PART.SIM")
    expect(opened.legend).to_contain_text("partial")
    expect(opened.legend.get_by_title("The feed began or broke inside it")).to_be_visible()


def test_scrolling_back_loads_all_the_past(opened: Visit, chart_market: Market) -> None:
    moving(chart_market, "LONG.SIM", count=1_299)
    opened.open("LONG.SIM")
    chart = opened.page.locator("#chart")
    expect(chart).to_have_attribute("aria-label", re.compile("500 loaded"))
    for loaded in ("1000 loaded|1300 loaded", "1300 loaded"):
        for _ in range(30):
            opened.press("ArrowLeft")
        expect(chart).to_have_attribute("aria-label", re.compile(loaded))
    assert opened.complaints == []


def test_an_interval_without_candles_offers_those_that_there_are(opened: Visit, chart_market: Market) -> None:
    moving(chart_market, "MINUTES.SIM")
    opened.open("MINUTES.SIM")
    opened.press("2")
    expect(opened.notice).to_contain_text("No 5m candles of MINUTES.SIM yet")
    assert opened.page.url.endswith("/dashboard/MINUTES.SIM?interval=5m")
    opened.notice.get_by_role("button", name="Show 1m").click()
    expect(opened.notice).to_be_hidden()
    opened.page.go_back()
    expect(opened.notice).to_contain_text("No 5m candles")
    assert opened.complaints == []


def test_candles_appear_by_themselves_where_there_were_none(opened: Visit, chart_market: Market) -> None:
    chart_market.asset("EMPTY.SIM", "Empty", "simulator")
    opened.page.goto(f"{opened.url}/dashboard/EMPTY.SIM?interval=1m")
    expect(opened.notice).to_contain_text("They appear here by themselves")
    chart_market.candles(walk("EMPTY.SIM", this_minute(), 3))
    expect(opened.notice).to_be_hidden()
    expect(opened.legend).to_contain_text("Source simulator")


def test_an_unknown_symbol_says_so_and_leads_to_the_search(opened: Visit) -> None:
    opened.page.goto(f"{opened.url}/dashboard/NOPE")
    expect(opened.notice).to_contain_text("NOPE is not followed")
    expect(opened.page.locator("#troubles")).to_be_empty()
    opened.notice.get_by_role("button", name="Search").click()
    expect(opened.page.get_by_role("combobox")).to_be_focused()


def test_an_outage_is_said_and_made_up_for(
    browser: Browser, chart_server: Server, chart_market: Market
) -> None:
    newest = moving(chart_market, "OUTAGE.SIM")
    server = chart_server.on_another_port()
    context = browser.new_context()
    try:
        opened = visit(context.new_page(), server.url)
        with server.running():
            opened.open("OUTAGE.SIM")
            expect(opened.page.locator("#connection")).to_contain_text(CONNECTED)
        expect(opened.page.locator("#connection")).to_contain_text("Reconnecting")
        expect(opened.page.locator("#troubles")).to_contain_text("Candlewick does not answer")
        later = newest.changed(high="99999", close="88888", is_final=True)
        chart_market.candles([later, replace(later, bucket_start=later.bucket_start + MINUTE, close="99999")])
        with server.running():
            expect(opened.page.locator("#connection")).to_contain_text(CONNECTED, timeout=60_000)
            expect(opened.price).to_have_text("99,999.00")
            expect(opened.page.locator("#troubles")).to_be_empty()
    finally:
        context.close()
