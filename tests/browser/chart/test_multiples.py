"""The chart page at intervals that are multiples of stored ones: what the API makes of their parts, live."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chart.conftest import Server
from tests.browser.chart.market import Market, MarketCandle, walk
from tests.browser.chart.visit import Visit, visit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MULTIPLES = [
    pytest.param("30m", "15m", QUARTER, EPOCH, id="30m"),
    pytest.param("4h", "1h", HOUR, EPOCH, id="4h"),
    pytest.param("1w", "1d", DAY, MONDAY, id="1w"),
]
LENGTHS = {"30m": 2 * QUARTER, "4h": 4 * HOUR, "1w": 7 * DAY}
_number = count()
NUMBER = re.compile(r"^-?[0-9,]+(\.[0-9]+)?$")


def present(interval: str, origin: datetime) -> datetime:
    """When the bucket began that it is now."""
    now = datetime.now(UTC)
    return now - (now - origin) % LENGTHS[interval]


def parts(market: Market, stored: str, starts: Sequence[datetime]) -> list[MarketCandle]:
    """A new symbol's candles at these times, finished but for the last, each its own volume and prices."""
    symbol = f"PARTS{next(_number)}.SIM"
    market.asset(symbol, "In parts", "simulator")
    rows = [
        MarketCandle(symbol, start, "100", str(110 + index), str(90 - index), str(101 + index), "2.5", stored)
        for index, start in enumerate(starts)
    ]
    rows[-1] = rows[-1].changed(is_final=False)
    market.candles(rows)
    return rows


def of_the_api(server: Server, symbol: str, interval: str) -> dict[str, str]:
    path = f"{server.url}/api/v1/candles/{symbol}/latest"
    candle: dict[str, str] = httpx.get(path, params={"interval": interval}).json()["candle"]
    return candle


def shows(page: Visit, candle: dict[str, str]) -> None:
    """Wait until the legend has the prices and the volume of a candle."""
    for title, name in (("Open", "open"), ("High", "high"), ("Low", "low"), ("Close", "close")):
        price = page.legend.locator("span", has=page.page.get_by_title(title, exact=True)).locator("b")
        expect(price).to_have_text(f"{float(candle[name]):.2f}")
    volume = page.legend.locator("span", has=page.page.get_by_title("Volume", exact=True))
    expect(volume).to_have_text(f"Vol {candle['volume']}")


@pytest.mark.parametrize(("interval", "stored", "length", "origin"), MULTIPLES)
def test_the_newest_candle_is_at_every_moment_what_the_api_makes_of_its_parts(
    opened: Visit,
    serving: Server,
    chart_market: Market,
    interval: str,
    stored: str,
    length: timedelta,
    origin: datetime,
) -> None:
    begin = present(interval, origin)
    first, last = parts(chart_market, stored, [begin, begin + length])
    opened.open(first.symbol, interval)
    # From here on all comes over the live connection.
    expect(opened.page.locator("#connection")).to_contain_text("Connected")
    opened.page.route("**/api/v1/**", lambda route: route.abort())
    shows(opened, {"open": "100", "high": "111", "low": "89", "close": "102", "volume": "5"})
    expect(opened.legend).to_contain_text("unfinished")
    last = last.changed(high="130", close="120", volume="7.25")
    chart_market.candles([last])
    shows(opened, {"open": "100", "high": "130", "low": "89", "close": "120", "volume": "9.75"})
    # A late event corrects the part before: the whole has it once.
    first = first.changed(open="99", low="70", volume="3")
    chart_market.candles([first])
    shows(opened, {"open": "99", "high": "130", "low": "70", "close": "120", "volume": "10.25"})
    shows(opened, of_the_api(serving, first.symbol, interval))
    expect(opened.page).to_have_url(re.compile(rf"/dashboard/{first.symbol}\?interval={interval}$"))


def test_a_multiple_becomes_final_is_followed_by_the_next_and_is_still_corrected(
    opened: Visit, serving: Server, chart_market: Market
) -> None:
    begin = present("30m", EPOCH)
    rows = parts(chart_market, "15m", [begin - 2 * QUARTER, begin - QUARTER])
    opened.open(rows[0].symbol, "30m")
    expect(opened.legend).to_contain_text("unfinished")
    finished = rows[1].changed(is_final=True)
    chart_market.candles([finished])
    expect(opened.legend).not_to_contain_text("unfinished")
    chart_market.candles([finished.changed(bucket_start=begin, close="500", high="500", is_final=False)])
    expect(opened.price).to_have_text("500.00")
    chart_market.candles([finished.changed(close="250", high="250")])
    expect(opened.legend.get_by_title("Change from the close before")).to_have_text("+100.00 %")


def test_without_the_live_connection_a_multiple_moves_as_well_and_counts_nothing_twice(
    browser: Browser, serving: Server, chart_market: Market
) -> None:
    begin = present("4h", EPOCH)
    first, last = parts(chart_market, "1h", [begin, begin + HOUR])
    context = browser.new_context()
    try:
        page = visit(context.new_page(), serving.url)
        page.page.route_web_socket("**/ws", lambda socket: socket.close())
        page.open(first.symbol, "4h")
        expect(page.page.locator("#connection")).to_contain_text("Reconnecting")
        chart_market.candles([last.changed(volume="5"), first.changed(volume="3")])
        shows(page, {**of_the_api(serving, first.symbol, "4h"), "volume": "8"})
    finally:
        context.close()


def test_scrolling_back_keys_and_indicators_work_at_four_hours(opened: Visit, chart_market: Market) -> None:
    symbol = "HOURS.SIM"
    chart_market.asset(symbol, "Hours", "simulator")
    end = present("4h", EPOCH)
    minutes = walk(symbol, end, 4 * 520, interval="1h")
    rows = [row.changed(bucket_start=end - number * HOUR) for number, row in enumerate(minutes[::-1], 1)]
    chart_market.candles(rows)
    opened.open(symbol, "1h")
    opened.press("6")
    chart = opened.page.locator("#chart")
    expect(chart).to_have_attribute("aria-label", re.compile(f"Candles of {symbol}, 4h: 500 loaded"))
    expect(opened.page).to_have_url(re.compile(r"\?interval=4h$"))
    expect(opened.page.get_by_role("button", name="4h")).to_have_attribute("aria-pressed", "true")
    average = opened.legend.locator("p").filter(has_text="EMA 26").locator("b")
    expect(average).to_have_text(NUMBER)
    for _ in range(30):
        opened.press("ArrowLeft")
    expect(chart).to_have_attribute("aria-label", re.compile("520 loaded"))
    opened.press("8")
    expect(opened.notice).to_contain_text(f"No 1w candles of {symbol} yet")
    opened.page.go_back()
    expect(chart).to_have_attribute("aria-label", re.compile("4h: 5[02]0 loaded"))
    assert opened.complaints == []


def test_a_week_is_labelled_with_its_monday_and_a_gap_in_weeks_is_shaded(
    opened: Visit, chart_market: Market
) -> None:
    begin = present("1w", MONDAY)
    starts = [begin - number * 7 * DAY for number in range(12, -1, -1) if number not in (4, 5)]
    rows = parts(chart_market, "1d", starts)
    chart_market.gap(rows[0].symbol, "simulator", begin - 5 * 7 * DAY, begin - 3 * 7 * DAY)
    opened.open(rows[0].symbol, "1w")
    expect(opened.legend.locator("time")).to_have_text(f"{begin:%Y-%m-%d} ")
    opened.point_until_the_legend_says("Gap:")
    expect(opened.legend).to_contain_text("no candle")
    assert opened.complaints == []


def test_an_interval_that_is_not_offered_is_not_taken_from_the_address(
    opened: Visit, chart_market: Market
) -> None:
    (row,) = parts(chart_market, "1m", [datetime.now(UTC).replace(second=0, microsecond=0)])
    opened.open(row.symbol, "constructor")
    expect(opened.page.get_by_role("button", name="1m", exact=True)).to_have_attribute("aria-pressed", "true")
