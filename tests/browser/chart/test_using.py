"""Using the chart page: keys, search, colours, zones, a phone, and a screen reader's view of it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ops.settings import REPOSITORY
from tests.browser.chart.conftest import Server
from tests.browser.chart.market import Market, this_minute, walk
from tests.browser.chart.visit import Visit, visit

AXE = REPOSITORY / "var/npm-chart/node_modules/axe-core/axe.min.js"
SYMBOL = "USED.SIM"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def used(chart_market: Market) -> str:
    """A symbol with an hour of candles."""
    chart_market.asset(SYMBOL, "Much used", "simulator")
    chart_market.candles(walk(SYMBOL, this_minute(), 60))
    return SYMBOL


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, request: pytest.FixtureRequest, serving: Server) -> Iterator[Visit]:
    """The page on a phone whose system is light or dark."""
    context = browser.new_context(**PHONE, color_scheme=request.param)
    yield visit(context.new_page(), serving.url)
    context.close()


def test_the_address_without_a_symbol_leads_to_one(opened: Visit, used: str) -> None:
    opened.page.goto(f"{opened.url}/dashboard")
    expect(opened.notice).to_be_hidden()
    expect(opened.page.locator("#symbol")).not_to_have_text("…")
    assert "/dashboard/" in opened.page.url


def test_a_symbol_is_found_by_a_part_of_its_name_with_keys_alone(
    opened: Visit, chart_market: Market, used: str
) -> None:
    chart_market.asset("FOUND.SIM", "Needle in the haystack", "simulator")
    chart_market.candles(walk("FOUND.SIM", this_minute(), 5))
    opened.open(used)
    opened.press("/")
    opened.page.keyboard.type("needle")
    expect(opened.page.get_by_role("option")).to_have_count(1)
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("#symbol")).to_have_text("FOUND.SIM")
    expect(opened.page).to_have_url(re.compile(r"/dashboard/FOUND\.SIM\?interval=1m$"))
    assert opened.complaints == []


def test_a_search_without_a_result_says_how_to_add_a_symbol(opened: Visit, used: str) -> None:
    opened.open(used)
    opened.press("/")
    opened.page.keyboard.type("no such thing")
    expect(opened.page.get_by_role("listbox")).to_contain_text("POST /symbols adds one")


def test_dark_is_one_key_away_and_remembered(opened: Visit, used: str) -> None:
    opened.open(used)
    assert _background(opened.page) == "rgb(255, 255, 255)"
    opened.press("t")
    assert _background(opened.page) == "rgb(16, 20, 28)"
    opened.page.reload()
    assert _background(opened.page) == "rgb(16, 20, 28)"


def test_times_are_in_utc_until_the_reader_wants_his_own(opened: Visit, used: str) -> None:
    opened.open(used)
    moment = opened.legend.locator("time")
    expect(moment).to_have_text(re.compile(r" UTC$"))
    expect(opened.page.locator("#zone-note")).to_have_text("Times in UTC")
    opened.press("z")
    expect(moment).to_have_text(re.compile(r" Asia/Tokyo$"))
    expect(opened.page.locator("#zone-note")).to_have_text("Times in Asia/Tokyo")


def test_the_keys_are_listed_and_typing_into_a_field_is_no_shortcut(opened: Visit, used: str) -> None:
    opened.open(used)
    opened.press("/")
    opened.page.keyboard.type("t?")
    expect(opened.page.get_by_role("dialog")).to_be_hidden()
    assert _background(opened.page) == "rgb(255, 255, 255)"
    opened.page.keyboard.press("Escape")
    opened.press("?")
    expect(opened.page.get_by_role("dialog", name="Keys")).to_contain_text("Search for a symbol")


@pytest.mark.parametrize("dialog", ["i", "?"])
def test_a_key_right_after_a_dialog_was_closed_is_a_shortcut(opened: Visit, used: str, dialog: str) -> None:
    opened.open(used)
    opened.press(dialog)
    expect(opened.page.get_by_role("dialog")).to_be_visible()
    # Before the next frame: until then the browser leaves the focus within.
    opened.page.evaluate("""() => {
        document.querySelector('dialog[open]').close();
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }));
    }""")
    expect(opened.page.get_by_role("combobox")).to_be_focused()


def test_the_licence_of_the_charts_is_honoured(opened: Visit, used: str) -> None:
    opened.open(used)
    link = opened.page.get_by_role("link", name="TradingView Lightweight Charts")
    expect(link).to_have_attribute("href", "https://www.tradingview.com/")


def test_a_phone_shows_all_of_it_without_scrolling_sideways(phone: Visit, used: str) -> None:
    phone.open(used)
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert phone.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    expect(phone.badge).to_be_in_viewport()
    chart = phone.page.locator("#chart").bounding_box()
    assert chart is not None
    assert chart["height"] > 500
    for button in phone.page.locator("header button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 38
    assert phone.complaints == []


def test_axe_finds_nothing_to_complain_of(phone: Visit, opened: Visit, used: str) -> None:
    for page in (phone, opened):
        page.open(used)
        assert _violations(page.page) == []
        for key in ("?", "i"):
            page.press(key)
            expect(page.page.get_by_role("dialog")).to_be_visible()
            assert _violations(page.page) == []
            page.page.keyboard.press("Escape")
        page.press("/")
        expect(page.page.get_by_role("option").first).to_be_visible()
        assert _violations(page.page) == []


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]


def _background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour
