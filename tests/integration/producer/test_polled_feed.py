"""Polled feeds through simulated weeks: real counting, real broker, a loopback provider."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import SecretStr

from producer.database import Database
from producer.errors import ProviderError
from producer.events import to_datetime
from producer.polling.feed import PolledFeed
from producer.providers import fmp
from producer.providers.fmp.plans import PLANS
from producer.providers.protocol import FeedStatus, Provider
from producer.publisher import Publisher
from producer.quota.budget import Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.resume import PublishedBefore
from producer.settings import ProducerSettings
from tests.answers import Answer, AnswerServer, Question
from tests.integration.producer.broker import Arrivals, Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.simulated_clock import SimulatedClock

SUNDAY = datetime(2024, 11, 24, 12, tzinfo=UTC)
# New York's sessions of Thanksgiving week: open and close, UTC.
SESSIONS = {
    day: (f"{day} 14:30", f"{day} {close}")
    for day, close in [
        ("2024-11-25", "21:00"),
        ("2024-11-26", "21:00"),
        ("2024-11-27", "21:00"),
        ("2024-11-29", "18:00"),
    ]
}


@dataclass
class Exchange:
    """A provider whose quotes move with the clock; it remembers when it was asked for what."""

    clock: SimulatedClock
    asked: list[tuple[str, str]] = field(default_factory=list)
    refusals: dict[str, Answer] = field(default_factory=dict)
    outage: tuple[str, str] = ("", "")
    status: FeedStatus = field(default_factory=FeedStatus)
    circuits: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, question: Question) -> Answer:
        now = self.clock.now()
        moment = f"{to_datetime(now):%Y-%m-%d %H:%M:%S}"
        symbol = question.parameters["symbol"]
        self.asked.append((moment, symbol))
        self.circuits.append((moment, self.status.circuit))
        if self.outage[0] <= moment < self.outage[1]:
            return Answer("<html>Bad Gateway</html>", 502, "text/html")
        if symbol in self.refusals:
            return self.refusals[symbol]
        second = now // 1_000_000
        quote = {"symbol": symbol, "price": 100.25, "volume": second % 86_400, "timestamp": second}
        return Answer(json.dumps([quote]))

    def by_day(self) -> Counter[str]:
        return Counter(moment[:10] for moment, _ in self.asked)


@dataclass
class Simulation:
    """A feed that has run to the end of its time, or to its own."""

    feed: PolledFeed
    exchange: Exchange
    arrivals: Arrivals
    error: BaseException | None


Simulate = Callable[..., Awaitable[Simulation]]


@pytest.fixture
def symbols() -> tuple[str, ...]:
    """Stocks that no other test has used."""
    prefix = uuid.uuid4().hex[:8].upper()
    return tuple(f"T{prefix}{number}" for number in range(87))


@pytest.fixture
async def simulate(
    broker: Broker,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
    database: Database,
    settings: ProducerSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Simulate:
    key = SecretStr(uuid.uuid4().hex)

    async def simulate(
        symbols: tuple[str, ...],
        start: datetime = SUNDAY,
        end: datetime = SUNDAY + timedelta(days=7),
        calls_a_day: int = 250,
        **changes: object,
    ) -> Simulation:
        plan = replace(PLANS["free"], budget=Budget((Limit(calls_a_day, "day"),)))
        monkeypatch.setitem(PLANS, "free", plan)
        publisher = await start_publisher()
        clock = SimulatedClock(start, end)
        exchange = Exchange(clock, **changes)  # type: ignore[arg-type]
        async with AnswerServer(exchange.answer) as server, broker.following() as arrivals:
            configured = settings.model_copy(
                update={"fmp_api_key": key, "fmp_symbols": symbols, "fmp_base_url": server.url}
            )
            provider = fmp.provider(configured, QuotaLedger(database), clock)
            feed = polled_feed(provider)
            exchange.status = feed.status
            error = await run_to_the_end(feed, clock, publisher, published_before)
            await publisher.settle()
            confirmed = sum(publisher.confirmed_events.values())
            await until(lambda: len(arrivals.events) >= confirmed, "everything has arrived")
        return Simulation(feed, exchange, arrivals, error)

    return simulate


def polled_feed(provider: Provider) -> PolledFeed:
    assert provider.feed is not None
    feed = provider.feed()
    assert isinstance(feed, PolledFeed)
    return feed


async def run_to_the_end(
    feed: PolledFeed, clock: SimulatedClock, publisher: Publisher, before: PublishedBefore
) -> BaseException | None:
    running = asyncio.create_task(feed.run(publisher, before))
    ended = asyncio.create_task(clock.ended.wait())
    await asyncio.wait({running, ended}, timeout=WAIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    error = running.exception() if running.done() else None
    assert error is not None or clock.ended.is_set(), "the simulation has not come to its end"
    for task in (running, ended):
        task.cancel()
    await asyncio.wait({running, ended})
    return error


async def test_a_week_with_a_holiday_and_a_half_day_spends_each_sessions_calls_and_covers_every_symbol(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    week = await simulate(symbols)
    assert week.exchange.by_day() == dict.fromkeys(SESSIONS, 250)
    for moment, _ in week.exchange.asked:
        opens, closes = SESSIONS[moment[:10]]
        assert opens <= moment < closes
    for day in SESSIONS:
        asked = Counter(symbol for moment, symbol in week.exchange.asked if moment.startswith(day))
        assert set(asked) == set(symbols)
        assert set(asked.values()) <= {2, 3}
    quotes = week.arrivals.of_kind("quote")
    assert len(quotes) == 1_000
    assert {quote.trading_day for quote in quotes} == set(SESSIONS)


async def test_calls_are_as_far_apart_as_the_session_allows_and_the_status_says_how_far(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    day = await simulate(symbols[:1], end=datetime(2024, 11, 25, 15, 30, tzinfo=UTC))
    moments = [datetime.fromisoformat(moment) for moment, _ in day.exchange.asked]
    spacings = {(after - before).seconds for before, after in pairwise(moments)}
    assert spacings == {93, 94}
    assert day.feed.status.detail == f"250 calls a day: {symbols[0]} every 94 s"


async def test_more_symbols_than_calls_are_explained_at_start_and_have_their_turn_over_the_sessions(
    simulate: Simulate, symbols: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    many = symbols[:30]
    days = await simulate(many, end=datetime(2024, 11, 26, 20, 59, 59, tzinfo=UTC), calls_a_day=20)
    assert days.exchange.by_day() == {"2024-11-25": 20, "2024-11-26": 20}
    assert {symbol for _, symbol in days.exchange.asked[:30]} == set(many)
    explained = "FMP_SYMBOLS names 30 symbols, which is too many: 20 calls a day cannot ask for each once"
    assert explained in (days.feed.status.detail or "")
    assert explained in caplog.text


async def test_a_restart_goes_on_with_what_is_left_of_the_day(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    stopped = datetime(2024, 11, 25, 17, 44, 59, tzinfo=UTC)  # a second before the middle of the session
    before = await simulate(symbols[:3], end=stopped, calls_a_day=26)
    after = await simulate(
        symbols[:3], start=stopped, end=datetime(2024, 11, 25, 22, tzinfo=UTC), calls_a_day=26
    )
    assert len(before.exchange.asked) == 13
    assert len(after.exchange.asked) == 13
    assert after.exchange.asked[-1][0] == "2024-11-25 20:44:59"


async def test_an_outage_is_waited_out_ever_more_slowly_and_the_rest_of_the_day_is_spread_again(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    outage = ("2024-11-25 15:30:00", "2024-11-25 17:00:00")
    day = await simulate(symbols[:2], end=datetime(2024, 11, 25, 22, tzinfo=UTC), outage=outage)
    assert len(day.exchange.asked) == 250
    during = [moment for moment, _ in day.exchange.asked if outage[0] <= moment < outage[1]]
    assert 18 < len(during) < 40  # back-off doubles up to five minutes
    circuits = [circuit for moment, circuit in day.exchange.circuits if moment >= outage[0]]
    assert circuits[0] == "closed"
    assert circuits[1 : len(during) + 1] == ["half-open"] * len(during)  # the last of them heals it
    assert set(circuits[len(during) + 1 :]) == {"closed"}
    # Each symbol's feed begins, and breaks once with the outage.
    breaks = Counter(event.symbol for event in day.arrivals.of_kind("break"))
    assert breaks == dict.fromkeys(symbols[:2], 2)


async def test_a_symbol_that_is_refused_is_left_out_and_its_calls_go_to_the_others(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    good, bad = symbols[:2]
    refusal = Answer("Premium Query Parameter: 'Special Endpoint : This value set for 'symbol' is not", 402)
    day = await simulate(
        (good, bad),
        end=datetime(2024, 11, 25, 20, 59, 59, tzinfo=UTC),
        refusals={bad: refusal},
        calls_a_day=20,
    )
    assert Counter(symbol for _, symbol in day.exchange.asked) == {good: 19, bad: 1}
    assert list(day.feed.status.left_out) == [bad]
    assert "FMP_SYMBOLS" in day.feed.status.left_out[bad]
    assert day.feed.status.circuit == "closed"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer('{"Error Message":"Invalid API KEY. Feel free"}', 401), "Correct FMP_API_KEY"),
        (Answer("Restricted Endpoint: This endpoint is not available", 402), "does not have it"),
        (Answer("[]"), "Every symbol of FMP_SYMBOLS is refused"),
    ],
    ids=["key", "endpoint", "every symbol"],
)
async def test_what_only_a_change_of_settings_heals_ends_the_feed_with_a_sentence(
    simulate: Simulate, symbols: tuple[str, ...], answer: Answer, sentence: str
) -> None:
    (symbol,) = symbols[:1]
    end = await simulate((symbol,), refusals={symbol: answer})
    assert len(end.exchange.asked) == 1
    assert isinstance(end.error, ProviderError)
    assert sentence in str(end.error)
    assert sentence in (end.feed.status.last_error or "")
    assert end.feed.status.circuit == "open"


async def test_a_day_that_the_provider_calls_spent_is_over(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    (symbol,) = symbols[:1]
    spent = Answer('{"Error Message":"Limit Reach . Please upgrade your plan"}', 429)
    days = await simulate(
        (symbol,), end=datetime(2024, 11, 26, 14, 30, 1, tzinfo=UTC), refusals={symbol: spent}
    )
    assert days.exchange.asked == [("2024-11-25 14:30:00", symbol), ("2024-11-26 14:30:00", symbol)]
    assert days.feed.status.state == "paused"
    assert days.feed.status.circuit == "open"
    assert "Nothing is asked before 2024-11-27 00:00:00 UTC" in (days.feed.status.detail or "")


async def test_retry_after_is_honoured(simulate: Simulate, symbols: tuple[str, ...]) -> None:
    (symbol,) = symbols[:1]
    away = Answer("away", 503, headers={"Retry-After": "3600"})
    day = await simulate((symbol,), end=datetime(2024, 11, 25, 17, tzinfo=UTC), refusals={symbol: away})
    assert [moment for moment, _ in day.exchange.asked] == [
        "2024-11-25 14:30:00",
        "2024-11-25 15:30:00",
        "2024-11-25 16:30:00",
    ]


async def test_a_quote_that_stands_still_is_published_once(
    simulate: Simulate, symbols: tuple[str, ...]
) -> None:
    (symbol,) = symbols[:1]
    timestamp = int(datetime(2024, 11, 25, 15, tzinfo=UTC).timestamp())
    body = [{"symbol": symbol, "price": 100.25, "volume": 7, "timestamp": timestamp}]
    day = await simulate(
        (symbol,),
        start=datetime(2024, 11, 25, 15, tzinfo=UTC),
        end=datetime(2024, 11, 25, 22, tzinfo=UTC),
        refusals={symbol: Answer(json.dumps(body))},
        calls_a_day=20,
    )
    assert len(day.exchange.asked) == 20
    begin, quote, closed = day.arrivals.of_symbol(symbol) + day.arrivals.of_kind("heartbeat")[:1]
    assert (begin.kind, quote.kind, closed.kind) == ("break", "quote", "heartbeat")
    assert to_datetime(closed.event_time) == datetime(2024, 11, 25, 21, 1, tzinfo=UTC)
    assert day.feed.status.events == 2


async def test_yesterdays_quote_says_nothing_of_today(simulate: Simulate, symbols: tuple[str, ...]) -> None:
    (symbol,) = symbols[:1]
    timestamp = int(datetime(2024, 11, 22, 21, 0, 1, tzinfo=UTC).timestamp())
    body = [{"symbol": symbol, "price": 100.25, "volume": 7, "timestamp": timestamp}]
    day = await simulate(
        (symbol,),
        end=datetime(2024, 11, 25, 22, tzinfo=UTC),
        refusals={symbol: Answer(json.dumps(body))},
        calls_a_day=5,
    )
    assert len(day.exchange.asked) == 5
    assert day.arrivals.of_symbol(symbol) == []
