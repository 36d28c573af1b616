"""Providers asked at a fixed time, against a loopback server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from producer.errors import ProviderError
from producer.polling.http import Credentials, RestServer
from producer.polling.quotes import Answer, QuoteCalls
from tests.simulated_clock import SimulatedClock

KEY = "K3Y/with+signs"
NOW = datetime(2025, 9, 23, 15, 30, tzinfo=UTC)  # a Tuesday on which New York is open


def clock_at(moment: datetime = NOW) -> SimulatedClock:
    return SimulatedClock(moment, moment + timedelta(days=1))


def keyed_server(url: str, clock: SimulatedClock | None = None) -> RestServer:
    credentials = Credentials({"apikey": SecretStr(KEY)})
    return RestServer("The venue", url, "VENUE_URL", clock or clock_at(), credentials)


async def refusal_of(calls: QuoteCalls, symbols: Sequence[str] = ("AAPL",)) -> ProviderError:
    with pytest.raises(ProviderError) as refusal:
        await calls.ask(symbols)
    return refusal.value


async def only_refusal_of(calls: QuoteCalls, symbol: str = "AAPL") -> ProviderError:
    answer: Answer = await calls.ask([symbol])
    assert not answer.events
    return answer.refused[symbol]
