"""The clients that the documentation shows, run as they stand there: by Python and in a browser."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from markdown_it import MarkdownIt
from playwright.async_api import Page, async_playwright

from ops.settings import REPOSITORY
from producer.publisher import Publisher
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.integration.api.live.conftest import Serve
from tests.integration.api.live.market import Market, trades
from tests.integration.api.live.server import RunningServer
from tests.integration.producer.waiting import WAIT_SECONDS, until

PAGE = REPOSITORY / "docs/live.md"
DOCUMENTED = "127.0.0.1:8001"


def examples(language: str, server: RunningServer, symbol: str) -> list[str]:
    """The blocks of code in a language, for a server and a symbol of the test's own."""
    tokens = MarkdownIt("commonmark").parse(PAGE.read_text())
    found = [token.content for token in tokens if token.type == "fence" and token.info == language]
    assert all(DOCUMENTED in code for code in found)
    return [code.replace(DOCUMENTED, f"127.0.0.1:{server.port}").replace("BTC-USD", symbol) for code in found]


@asynccontextmanager
async def page_of(server: RunningServer) -> AsyncIterator[Page]:
    """A page that came from the server."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        await page.goto(f"{server.url}/api/v1/health")
        yield page
        await browser.close()


async def test_the_python_example_prints_ticks(serve: Serve, publisher: Publisher, market: Market) -> None:
    (symbol,) = market.follow()
    async with serve() as server:
        (code,) = examples("py", server, symbol)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-c", code), stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            await server.until_followed()
            await publisher.publish(trades([symbol], 7))
            async with asyncio.timeout(WAIT_SECONDS):
                assert await process.stdout.readline() == f"{symbol} 7\n".encode()
        finally:
            process.kill()
            await process.communicate()


async def test_the_javascript_examples_log_ticks_in_a_browser(
    serve: Serve, publisher: Publisher, market: Market
) -> None:
    (symbol,) = market.follow()
    async with serve() as server, page_of(server) as page:
        logged: list[str] = []
        page.on("console", lambda message: logged.append(message.text))
        for code in examples("js", server, symbol):
            await page.add_script_tag(content=code)
        await until(joined(server, 2), "both are connected")
        await publisher.publish(trades([symbol], 7))
        await until(lambda: {f"{symbol} 7", "event 7"} <= set(logged), "both have logged the tick")


async def test_a_page_of_another_site_cannot_open_the_websocket(serve: Serve) -> None:
    async with serve() as server, serve() as other, page_of(other) as page:
        ended = await page.evaluate(
            "url => new Promise(done => { const socket = new WebSocket(url);"
            " socket.onopen = () => done('open'); socket.onclose = () => done('closed'); })",
            f"ws://127.0.0.1:{server.port}/ws",
        )
        assert ended == "closed"


def joined(server: RunningServer, count: int) -> Callable[[], bool]:
    return lambda: sum(bool(client.topics) for client in server.feeds.hub.clients) == count
