"""Financial Modeling Prep: exact quotes, and refusals understood by what they say."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from producer.bars import day_start
from producer.errors import Later, Never, ProviderError, QuotaSpentError, Retry, Soon
from producer.events import MarketEvent, to_datetime, to_micros
from producer.providers.fmp.bars import FmpBars
from producer.providers.fmp.plans import PLANS
from producer.providers.fmp.quotes import FmpQuotes
from producer.providers.metered_bars import Question as BarQuestion
from tests.answers import Answer, AnswerServer, Question
from tests.unit.producer.asking import KEY, NOW, clock_at, keyed_server, only_refusal_of, refusal_of

RECORDINGS = Path(os.environ.get("CANDLEWICK_RECORDINGS", "absent")) / "providers"
RECORDED = RECORDINGS / "fmp_stable_quote_AAPL_2025-09-23.json"
RECORDED_DAYS = RECORDINGS / "fmp_stable_eod_full_AAPL.json"
# The day after, midnight UTC.
TOMORROW = to_micros(datetime(2025, 9, 24, tzinfo=UTC))
IN_A_MINUTE = to_micros(NOW + timedelta(minutes=1))
IN_A_DAY = to_micros(NOW + timedelta(days=1))

LIMIT = '{"Error Message":"Limit Reach . Please upgrade your plan or visit our documentation for more"}'
BANDWIDTH = '{"Error Message":"Bandwidth Limit Reach . Please upgrade your plan or visit our documentation"}'
PREMIUM_SYMBOL = (
    "Premium Query Parameter: 'Special Endpoint : This value set for 'symbol' is not available under your "
    "current subscription please visit our subscription page to upgrade your plan"
)
RESTRICTED = (
    "Restricted Endpoint: This endpoint is not available under your current subscription please visit our "
    "subscription page to upgrade your plan"
)


def quote(symbol: str = "AAPL", **changes: object) -> dict[str, object]:
    return {
        "symbol": symbol,
        "name": "A company",
        "price": 256.08,
        "changePercentage": 4.3,
        "change": 10.58,
        "volume": 101865199,
        "dayLow": 248.12,
        "dayHigh": 256.63,
        "yearHigh": 260.1,
        "marketCap": 3800327071200,
        "exchange": "NASDAQ",
        "open": 248,
        "previousClose": 245.5,
        "timestamp": 1758571201,
        **changes,
    }


def answering(*quotes: dict[str, object]) -> AnswerServer:
    return AnswerServer(lambda _: Answer(json.dumps(quotes)))


def asker(server: AnswerServer, plan: str = "free") -> FmpQuotes:
    return FmpQuotes(keyed_server(server.url), PLANS[plan], "fmp", "XNYS")


async def event_of(server: AnswerServer) -> MarketEvent:
    (event,) = (await asker(server).ask(["AAPL"])).events
    return event


async def test_a_quote_is_told_with_the_venues_digits_time_and_trading_day() -> None:
    async with answering(quote()) as server:
        event = await event_of(server)
    assert server.questions == [Question("/stable/quote", {"symbol": "AAPL", "apikey": KEY})]
    assert (event.source, event.symbol, event.kind) == ("fmp", "AAPL", "quote")
    assert to_datetime(event.event_time) == datetime(2025, 9, 22, 20, 0, 1, tzinfo=UTC)
    assert event.ingest_time == to_micros(NOW)
    assert event.trading_day == "2025-09-22"
    assert event.session_end == to_micros(datetime(2025, 9, 22, 20, tzinfo=UTC))
    told = (event.price, event.day_volume, event.day_open, event.day_high, event.day_low)
    assert told == (
        Decimal("256.08"),
        Decimal(101865199),
        Decimal(248),
        Decimal("256.63"),
        Decimal("248.12"),
    )
    assert (event.previous_close, event.market_cap) == (Decimal("245.5"), Decimal(3800327071200))
    assert (event.size, event.bid, event.ask) == (None, None, None)


async def test_no_digit_is_lost_and_none_is_invented() -> None:
    text = json.dumps([quote()]).replace("256.08", "0.1234567890123456789").replace("101865199", "10.25")
    async with AnswerServer(lambda _: Answer(text)) as server:
        event = await event_of(server)
    assert str(event.price) == "0.1234567890123456789"
    assert str(event.day_volume) == "10.25"


async def test_a_volume_that_is_null_is_absent() -> None:
    async with answering(quote(volume=None)) as server:
        assert (await event_of(server)).day_volume is None


@pytest.mark.skipif(not RECORDED.is_file(), reason=f"CANDLEWICK_RECORDINGS has no {RECORDED.name}")
async def test_a_recorded_answer_is_read() -> None:
    async with AnswerServer(lambda _: Answer(RECORDED.read_text())) as server:
        event = await event_of(server)
    assert (str(event.price), event.trading_day) == ("256.08", "2025-09-22")


@pytest.mark.skipif(not RECORDED_DAYS.is_file(), reason=f"CANDLEWICK_RECORDINGS has no {RECORDED_DAYS.name}")
async def test_recorded_days_are_read_and_their_vwap_is_none() -> None:
    question = BarQuestion("AAPL", "1d", day_start(date(2023, 1, 1)), day_start(date(2023, 1, 11)))
    async with AnswerServer(lambda _: Answer(RECORDED_DAYS.read_text())) as server:
        bars = (await FmpBars(keyed_server(server.url), PLANS["free"], "fmp").ask(question, None)).bars
    newest = bars[0]
    assert (newest.trading_day, newest.bucket_start) == ("2023-01-10", day_start(date(2023, 1, 10)))
    prices = (newest.open, newest.high, newest.low, newest.close)
    assert [str(price) for price in prices] == ["130.26", "131.26", "128.12", "130.73"]
    assert (newest.volume, newest.vwap) == (Decimal(63896200), None)
    # What is told as such is the mean of four prices.
    (told, *_) = json.loads(RECORDED_DAYS.read_text(), parse_float=Decimal)
    assert told["vwap"] == sum(prices) / 4


async def test_an_index_has_no_volume() -> None:
    day = '[{"symbol":"^GSPC","date":"2023-01-10","open":1,"high":1,"low":1,"close":1,"volume":null}]'
    question = BarQuestion("^GSPC", "1d", day_start(date(2023, 1, 10)), day_start(date(2023, 1, 11)))
    async with AnswerServer(lambda _: Answer(day)) as server:
        (bar,) = (await FmpBars(keyed_server(server.url), PLANS["free"], "fmp").ask(question, None)).bars
    assert bar.volume == 0


async def test_a_quote_that_repeats_unchanged_is_the_same_event_and_a_corrected_one_is_another() -> None:
    bodies = [quote(open=248), quote(open=248.0), quote(volume=101865200), quote(price=256.09)]
    remaining = iter(bodies)
    async with AnswerServer(lambda _: Answer(json.dumps([next(remaining)]))) as server:
        first, again, more_volume, other_price = [await event_of(server) for _ in bodies]
    assert first.event_id == again.event_id
    assert len({first.event_id, more_volume.event_id, other_price.event_id}) == 3


@pytest.mark.parametrize(
    ("answer", "retry", "way_out"),
    [
        (
            Answer('{"Error Message":"Invalid API KEY. Feel free to create a Free API Key or visit"}', 401),
            Never("key"),
            "FMP_API_KEY",
        ),
        (Answer(PREMIUM_SYMBOL, 402), Never("symbol"), "FMP_SYMBOLS"),
        (Answer(RESTRICTED, 402), Never("endpoint"), "plan"),
        (
            Answer('{"Error Message":"Exclusive Endpoint : This endpoint is not available"}', 403),
            Never("endpoint"),
            "plan",
        ),
        (
            Answer('{"Error Message":"Legacy Endpoint : Due to Legacy endpoints being no longer"}', 403),
            Never("endpoint"),
            "FMP_BASE_URL",
        ),
        (Answer(LIMIT, 429), Later(TOMORROW), "day's calls"),
        (Answer(LIMIT, 200), Later(TOMORROW), "day's calls"),
        (Answer(BANDWIDTH, 429), Later(IN_A_DAY), "bandwidth"),
        (Answer('{"Error Message":"Account suspended. Contact us"}', 403), Never("key"), "FMP_API_KEY"),
        (Answer("[]", 404), Never("endpoint"), "FMP_BASE_URL"),
        (Answer("", 404), Never("endpoint"), "FMP_BASE_URL"),
        (
            Answer("Invalid or missing query parameter - symbols", 400, "text/plain"),
            Never("endpoint"),
            "FMP_BASE_URL",
        ),
        (Answer("<html>Bad Gateway</html>", 502, "text/html"), Soon(), "again"),
        (Answer("<html>Just a moment</html>", 200, "text/html"), Soon(), "again"),
        (Answer("slow down", 429, "text/plain"), Later(IN_A_MINUTE), "minute"),
        (Answer('[{"symbol": "AAPL", "price": "dear"}]'), Soon(), "cannot be understood"),
        (Answer("[{"), Soon(), "cannot be understood"),
    ],
    ids=[
        "a wrong key",
        "a symbol outside the plan, in plain text under JSON's name",
        "an endpoint outside the plan",
        "its older wording",
        "an endpoint of the former interface",
        "a spent day",
        "a spent day under 200",
        "a spent month",
        "a suspended account",
        "an unknown path",
        "an unknown path without a word",
        "a wrong parameter",
        "a broken gateway",
        "a page in place of an answer",
        "too many requests without a reason",
        "a price that is none",
        "half an answer",
    ],
)
async def test_a_refusal_says_by_its_text_when_to_try_again(
    answer: Answer, retry: Retry, way_out: str
) -> None:
    async with AnswerServer(lambda _: answer) as server:
        error = await refusal_of(asker(server))
    assert error.retry == retry
    assert way_out in str(error)


async def test_a_symbol_that_a_key_may_ask_for_and_nobody_knows_is_left_alone() -> None:
    async with answering() as server:
        error = await only_refusal_of(asker(server))
    assert error.retry == Never("symbol")


async def test_a_symbol_without_a_price_may_have_one_later() -> None:
    async with answering(quote(price=None)) as server:
        error = await only_refusal_of(asker(server))
    assert error.retry == Soon()


async def test_a_spent_day_is_a_spent_quota_and_a_spent_minute_is_not() -> None:
    async with AnswerServer(lambda _: Answer(LIMIT, 429)) as server:
        assert isinstance(await refusal_of(asker(server)), QuotaSpentError)
        starter = await refusal_of(asker(server, "starter"))
    assert not isinstance(starter, QuotaSpentError)
    assert starter.retry == Later(IN_A_MINUTE)


@pytest.mark.parametrize(
    ("header", "until"),
    [
        ("90", NOW + timedelta(seconds=90)),
        ("Tue, 23 Sep 2025 15:32:00 GMT", datetime(2025, 9, 23, 15, 32, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("answer", [Answer(LIMIT, 429), Answer("away", 503)], ids=["limit", "away"])
async def test_retry_after_wins(answer: Answer, header: str, until: datetime) -> None:
    async with AnswerServer(lambda _: replace(answer, headers={"Retry-After": header})) as server:
        error = await refusal_of(asker(server))
    assert error.retry == Later(to_micros(until))
    assert not isinstance(error, QuotaSpentError)


@pytest.mark.parametrize("header", ["soon", "0", "-1", "1e9"])
async def test_a_retry_after_that_says_nothing_leaves_the_back_off_to_decide(header: str) -> None:
    async with AnswerServer(lambda _: Answer("away", 503, headers={"Retry-After": header})) as server:
        assert (await refusal_of(asker(server))).retry == Soon()


async def test_a_plan_with_batches_asks_for_many_at_once_and_says_who_is_missing() -> None:
    async with answering(quote("AAPL"), quote("MSFT")) as server:
        answer = await asker(server, "starter").ask(["AAPL", "NONE", "MSFT"])
    assert server.questions == [Question("/stable/batch-quote", {"symbols": "AAPL,NONE,MSFT", "apikey": KEY})]
    assert [event.symbol for event in answer.events] == ["AAPL", "MSFT"]
    assert {symbol: error.retry for symbol, error in answer.refused.items()} == {"NONE": Never("symbol")}


@pytest.mark.parametrize("text", [RESTRICTED, PREMIUM_SYMBOL])
async def test_where_the_plan_has_no_batches_after_all_symbols_are_asked_for_one_by_one(text: str) -> None:
    def answer(question: Question) -> Answer:
        return Answer(text, 402) if question.path.endswith("batch-quote") else Answer(json.dumps([quote()]))

    async with AnswerServer(answer) as server:
        quotes = asker(server, "starter")
        assert (await refusal_of(quotes, ["AAPL", "MSFT"])).retry == Soon()
        assert quotes.symbols_per_call == 1
        assert (await quotes.ask(["AAPL"])).events


async def test_a_server_that_is_not_there_is_named_with_the_setting() -> None:
    quotes = FmpQuotes(keyed_server("http://127.0.0.1:1", clock_at()), PLANS["free"], "fmp", "XNYS")
    error = await refusal_of(quotes)
    assert error.retry == Soon()
    assert "http://127.0.0.1:1/stable/quote" in str(error)
    assert "VENUE_URL" in str(error)
    assert isinstance(error, ProviderError)
