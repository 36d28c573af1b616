"""A market that moves, a browser, and a log-in to Superset."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import feed
from tests.browser.dashboard import Visit, visit_dashboard
from tests.browser.superset_api import SupersetApi
from tests.stack import RunningStack

CHROMIUM = "/usr/bin/chromium"
# Playwright's own five seconds are little for a page that loads beside a whole stack on two cores.
EXPECTED_WITHIN = 20_000  # milliseconds
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="session")
def market(stack: RunningStack) -> Iterator[RunningStack]:
    """The stack with the simulator running, its first candles finished, and no others but history."""
    feed.switch(stack, "start")
    feed.until_candles_are_finished(stack)
    feed.leave_alone_in_the_market(stack)
    yield stack
    feed.switch(stack, "stop")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: the tests download none."""
    expect.set_options(timeout=EXPECTED_WITHIN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def superset(market: RunningStack) -> Iterator[SupersetApi]:
    """Superset's API as `admin`, over a moving market."""
    with SupersetApi(market.superset_url, market.env["SUPERSET_ADMIN_PASSWORD"]) as api:
        yield api


@pytest.fixture(scope="session")
def dashboard(market: RunningStack, superset: SupersetApi, browser: Browser) -> Iterator[Visit]:
    """The dashboard, opened and drawn once for all tests that look at it."""
    context = browser.new_context(viewport={"width": 1440, "height": 1840}, timezone_id="Asia/Tokyo")
    page = context.new_page()
    visit = visit_dashboard(page, market, charts=len(superset.charts("market")))
    yield visit
    context.close()
