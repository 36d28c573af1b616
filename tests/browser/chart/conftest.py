"""The read API over a database of its own: no job, and no broker either."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from alembic import command
from alembic.config import Config
from playwright.sync_api import Browser, Page, ViewportSize
from pydantic import SecretStr

from db.bootstrap import bootstrap
from db.settings import DatabaseSettings
from ops.settings import REPOSITORY
from tests.browser.chart.market import Market
from tests.browser.chart.visit import Visit, visit
from tests.integration.db.server import connect_to, throwaway_server, use
from tests.stack import clean_environment, free_ports

START_SECONDS = 60
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Server:
    """The read API that serves the page."""

    url: str
    environment: dict[str, str]

    def on_another_port(self, **settings: str) -> "Server":
        """The same again beside this one, with some settings of its own."""
        (port,) = free_ports(1)
        return Server(f"http://127.0.0.1:{port}", {**self.environment, **settings, "API_PORT": str(port)})

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve inside; AssertionError with the log where it does not come up."""
        program = subprocess.Popen(
            [sys.executable, "-m", "api"],
            env=self.environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._until_it_answers(program)
            yield
        finally:
            program.terminate()
            program.wait(30)

    def _until_it_answers(self, program: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert program.poll() is None, f"the read API ended with {program.returncode}"
            try:
                if httpx.get(f"{self.url}/api/v1/health", timeout=5).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the read API does not answer after {START_SECONDS} s")


@pytest.fixture(scope="session")
def chart_database() -> Iterator[DatabaseSettings]:
    """A migrated database for the chart alone."""
    with throwaway_server() as settings, pytest.MonkeyPatch.context() as patch:
        bootstrap(settings)
        use(settings, patch)
        command.upgrade(Config(REPOSITORY / "alembic.ini"), "head")
        patch.undo()
        yield settings


@pytest.fixture(scope="session")
def chart_market(chart_database: DatabaseSettings) -> Iterator[Market]:
    """Writes into it as the job does."""
    connection = connect_to(chart_database, "market_writer", chart_database.postgres_db)
    market = Market(connection)
    for name, kind in (("simulator", "simulated"), ("coinbase", "live"), ("binance", "replay")):
        market.source(name, kind)
    yield market
    connection.close()


@pytest.fixture(scope="session")
def chart_server(chart_database: DatabaseSettings) -> Server:
    """Where the page is served, once it runs."""
    values: dict[str, Any] = chart_database.model_dump()
    settings = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
    }
    own = {
        "CANDLEWICK_ENV_FILE": "/dev/null",
        "API_HOST": "127.0.0.1",
        "RABBITMQ_PORT": str(free_ports(1)[0]),
    }
    return Server("", {**clean_environment(), **settings, **own}).on_another_port()


@pytest.fixture(scope="session")
def serving(chart_server: Server) -> Iterator[Server]:
    """It runs."""
    with chart_server.running():
        yield chart_server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser in Tokyo, where nothing has been chosen yet."""
    context = browser.new_context(viewport=DESKTOP, timezone_id="Asia/Tokyo", color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(page: Page, serving: Server) -> Visit:
    """That page, watched: what the browser complains of fails the test that says so."""
    return visit(page, serving.url)
