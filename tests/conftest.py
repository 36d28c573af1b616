"""What all tests share: one running stack, and a clock of market time."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings

from tests import stack as stacks
from tests.stack import RunningStack

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

FIRST_TRADING_TIME = datetime(2020, 1, 6, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """A whole stack without a feed, started by the real `up`, for all tests together."""
    running = stacks.start()
    yield running
    stacks.stop(running, keep=request.session.testsfailed > 0)


@pytest.fixture(scope="session")
def next_trading_time() -> Callable[[], datetime]:
    """Moments a day apart: the job has one watermark, so each test must be later than the one before."""
    days = itertools.count()
    return lambda: FIRST_TRADING_TIME + timedelta(days=next(days))


@pytest.fixture
def trading_time(next_trading_time: Callable[[], datetime]) -> datetime:
    """When this test's market opens: later than anything that an earlier test has published."""
    return next_trading_time()
