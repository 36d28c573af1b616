"""The consoles of the servers that Candlewick is made of."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stack import RunningStack

MILLISECONDS = 60_000


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    yield page
    context.close()


def test_the_flink_console_shows_our_job_running(stack: RunningStack, page: Page) -> None:
    page.goto(f"{stack.flink_url}/#/job/running")
    job = page.locator("tr").filter(has_text="candlewick").filter(has_text="RUNNING")
    expect(job).to_have_count(1, timeout=MILLISECONDS)


def test_the_rabbitmq_console_lists_every_stream_of_events(stack: RunningStack, page: Page) -> None:
    page.goto(stack.management_url)
    page.locator("input[name=username]").fill("candlewick")
    page.locator("input[name=password]").fill(stack.env["RABBITMQ_ADMIN_PASSWORD"])
    page.locator("input[type=submit]").click()
    expect(page.locator("#logout")).to_be_visible(timeout=MILLISECONDS)
    page.goto(f"{stack.management_url}/#/queues")
    for shard in range(int(stack.env["EVENT_SHARDS"])):
        row = page.locator("tr").filter(has_text=f"market.events.{shard}").filter(has_text="stream")
        expect(row).to_have_count(1, timeout=MILLISECONDS)
