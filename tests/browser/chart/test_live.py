"""The chart page of the whole stack: prices move with the ticks."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chart.visit import Visit, visit
from tests.stack import RunningStack

# From a tick of the simulator to the screen; the market has several ticks a second.
SOON = 10_000  # milliseconds


@pytest.fixture
def moving(browser: Browser, market: RunningStack) -> Iterator[Visit]:
    """The page of the stack's read API, over the simulator's market."""
    context = browser.new_context()
    yield visit(context.new_page(), market.api_url)
    context.close()


@pytest.mark.parametrize("interval", ["1m", "4h"])
def test_the_price_moves_with_the_ticks_over_the_live_connection(
    moving: Visit, market: RunningStack, interval: str
) -> None:
    symbol = market.env["SIMULATOR_SYMBOLS"].split(",")[0]
    moving.open(symbol, interval)
    expect(moving.badge).to_have_text("Simulated")
    expect(moving.page.locator("#connection")).to_have_text("Connected: prices as they come in")
    # No question of ours can bring these: they come over the live connection or not at all.
    moving.page.route("**/api/v1/**", lambda route: route.abort())
    for _ in range(3):
        expect(moving.price).not_to_have_text(moving.price.inner_text(), timeout=SOON)


def test_a_finished_minute_is_followed_by_the_next_one(moving: Visit, market: RunningStack) -> None:
    moving.open(market.env["SIMULATOR_SYMBOLS"].split(",")[0])
    minute = moving.legend.locator("time")
    expect(minute).not_to_have_text(minute.inner_text(), timeout=75_000)
    expect(moving.legend).to_contain_text("unfinished")
    assert moving.complaints == []
