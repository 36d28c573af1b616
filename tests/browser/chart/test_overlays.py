"""What the chart page draws beside the candles: gaps, alerts, a forecast, indicators."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.browser.chart.market import MINUTE, Market, this_minute, walk
from tests.browser.chart.visit import Visit

SYMBOL = "RICH.SIM"
GAP_MINUTES = range(20, 32)  # ago
ALERT_MINUTES = 10  # ago
_NUMBER = re.compile(r"^-?[0-9,]+(\.[0-9]+)?$")


@pytest.fixture(scope="module")
def rich(chart_market: Market) -> str:
    """A symbol with everything that the page can draw."""
    now = this_minute()
    chart_market.asset(SYMBOL, "Everything", "simulator")
    rows = [row for row in walk(SYMBOL, now, 300) if (now - row.bucket_start) // MINUTE not in GAP_MINUTES]
    close = Decimal(rows[-1].close)
    chart_market.candles(rows)
    chart_market.indicators(rows)
    chart_market.gap(SYMBOL, "simulator", now - GAP_MINUTES[-1] * MINUTE, now - (GAP_MINUTES[0] - 1) * MINUTE)
    chart_market.price_alert(SYMBOL, str(close + 60), now - ALERT_MINUTES * MINUTE)
    chart_market.forecast(SYMBOL, now, [close + step for step in range(10)])
    return SYMBOL


def test_pointing_into_a_gap_says_that_data_is_missing_and_why(opened: Visit, rich: str) -> None:
    opened.open_with("/gaps", rich)
    opened.point_until_the_legend_says("Gap: the feed told nothing while the venue was open")
    expect(opened.legend).to_contain_text("no candle")


def test_pointing_at_a_candle_in_which_a_rule_fired_says_the_alert(opened: Visit, rich: str) -> None:
    opened.open_with("/alert-events", rich)
    opened.point_until_the_legend_says(f"Alert: {rich} rose to")


def test_the_forecast_names_its_model_and_how_sure_it_is(opened: Visit, rich: str) -> None:
    opened.open(rich)
    expect(opened.legend).to_contain_text("Forecast by theta, 80 % interval, data until")
    opened.press("i")
    opened.page.get_by_label("Forecast, where there is one").uncheck()
    opened.page.keyboard.press("Escape")
    expect(opened.legend).not_to_contain_text("Forecast")


def test_indicators_are_chosen_drawn_told_and_remembered(opened: Visit, rich: str) -> None:
    opened.open(rich)
    canvases = opened.page.locator("#chart canvas")
    before = canvases.count()
    opened.press("i")
    for label in ("SMA 50", "RSI 14", "MACD"):
        opened.page.get_by_label(label, exact=True).check()
    opened.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    for label in ("EMA 26", "SMA 50", "RSI 14", "MACD"):
        line = opened.legend.locator("p").filter(has_text=label)
        expect(line.locator("b").first).to_have_text(_NUMBER)
    assert canvases.count() > before  # the panes of RSI and MACD
    opened.page.reload()
    expect(opened.legend.locator("p").filter(has_text="RSI 14").locator("b")).to_have_text(_NUMBER)
    assert opened.complaints == []
