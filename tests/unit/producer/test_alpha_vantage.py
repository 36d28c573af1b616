"""Alpha Vantage: quotes of finished days, and errors that all come as successes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from producer.errors import Later, Never, QuotaSpentError, Retry, Soon
from producer.events import to_datetime, to_micros
from producer.providers.alpha_vantage.quotes import AlphaVantageQuotes
from tests.answers import Answer, AnswerServer, Question
from tests.unit.producer.asking import KEY, NOW, clock_at, keyed_server, refusal_of

TOMORROW = to_micros(datetime(2025, 9, 24, tzinfo=UTC))
IN_A_MINUTE = to_micros(NOW + timedelta(minutes=1))
PRAISE = "You may subscribe to any of the premium plans to instantly unlock all premium endpoints"


def quote(day: str = "2025-09-22", wrapper: str = "Global Quote") -> str:
    return json.dumps(
        {
            wrapper: {
                "01. symbol": "VTI",
                "02. open": "339.5000",
                "03. high": "340.4550",
                "04. low": "335.4350",
                "05. price": "336.4600",
                "06. volume": "10771945",
                "07. latest trading day": day,
                "08. previous close": "340.2700",
                "09. change": "-3.8100",
                "10. change percent": "-1.1197%",
            }
        }
    )


def answering(text: str, status: int = 200) -> AnswerServer:
    return AnswerServer(lambda _: Answer(text, status))


def asker(server: AnswerServer, moment: datetime = NOW) -> AlphaVantageQuotes:
    return AlphaVantageQuotes(keyed_server(server.url, clock_at(moment)), "alpha_vantage", "XNYS")


@pytest.mark.parametrize("wrapper", ["Global Quote", "Global Quote - DATA DELAYED BY 15 MINUTES"])
async def test_a_quote_is_exact_and_timed_at_the_close_of_its_session(wrapper: str) -> None:
    async with answering(quote(wrapper=wrapper)) as server:
        (event,) = (await asker(server).ask(["VTI"])).events
    assert server.questions == [
        Question("/query", {"function": "GLOBAL_QUOTE", "symbol": "VTI", "apikey": KEY})
    ]
    assert to_datetime(event.event_time) == datetime(2025, 9, 22, 20, tzinfo=UTC)
    assert event.session_end == event.event_time
    assert event.ingest_time == to_micros(NOW)
    assert event.trading_day == "2025-09-22"
    numbers = (event.price, event.day_volume, event.day_open, event.day_high, event.day_low)
    assert [str(number) for number in numbers] == [
        "336.4600",
        "10771945",
        "339.5000",
        "340.4550",
        "335.4350",
    ]
    assert str(event.previous_close) == "340.2700"


@pytest.mark.parametrize(
    ("day", "close"),
    [("2024-11-29", "2024-11-29 18:00"), ("2025-01-10", "2025-01-10 21:00")],
    ids=["half day", "winter"],
)
async def test_the_close_is_the_calendars(day: str, close: str) -> None:
    async with answering(quote(day)) as server:
        (event,) = (await asker(server).ask(["VTI"])).events
    assert f"{to_datetime(event.event_time):%Y-%m-%d %H:%M}" == close


async def test_a_session_that_goes_on_has_no_quote_yet_because_nobody_says_of_when_it_is() -> None:
    async with answering(quote("2025-09-23")) as server:
        error = await refusal_of(asker(server), ["VTI"])
    assert error.retry == Later(to_micros(datetime(2025, 9, 23, 20, tzinfo=UTC)))


async def test_a_day_without_a_session_is_no_quote() -> None:
    async with answering(quote("2025-09-21")) as server:
        error = await refusal_of(asker(server), ["VTI"])
    assert error.retry == Soon()
    assert "when its venue was closed" in str(error)


async def test_the_same_day_asked_twice_is_the_same_event() -> None:
    async with answering(quote()) as server:
        first, again = [(await asker(server).ask(["VTI"])).events[0] for _ in range(2)]
    assert first.event_id == again.event_id


@pytest.mark.parametrize(
    ("body", "retry", "way_out"),
    [
        (
            {"Error Message": "Invalid API call. Please retry or visit the documentation for GLOBAL_QUOTE."},
            Never("symbol"),
            "ALPHA_VANTAGE_SYMBOLS",
        ),
        (
            {"Error Message": "the parameter apikey is invalid or missing. Please claim your free API key"},
            Never("key"),
            "ALPHA_VANTAGE_API_KEY",
        ),
        (
            {
                "Information": f"Thank you! We have detected your API key as {KEY} and our standard API rate "
                f"limit is 25 requests per day. {PRAISE}"
            },
            Later(TOMORROW),
            "day's calls",
        ),
        (
            {
                "Information": "Thank you! Please consider spreading out your free API requests more "
                f"sparingly (1 request per second). {PRAISE} and lift the limit of 25 requests per day"
            },
            Later(IN_A_MINUTE),
            "too close",
        ),
        (
            {"Information": f"Thank you for using Alpha Vantage! This is a premium endpoint. {PRAISE}"},
            Never("endpoint"),
            "plan",
        ),
        (
            {
                "Information": "Thank you! The outputsize=full parameter value is a premium feature for the "
                "TIME_SERIES_DAILY endpoint."
            },
            Never("endpoint"),
            "plan",
        ),
        (
            {"Information": "The **demo** API key is for demo purposes only. Please claim your free key"},
            Never("key"),
            "ALPHA_VANTAGE_API_KEY",
        ),
        (
            {"Note": "Our standard API call frequency is 5 calls per minute and 500 calls per day."},
            Later(IN_A_MINUTE),
            "too close",
        ),
        ({"Surprise": "something else"}, Soon(), "again"),
        ({"Global Quote": {"01. symbol": "VTI"}}, Soon(), "cannot be understood"),
        ([], Soon(), "cannot be understood"),
    ],
    ids=[
        "an unknown symbol",
        "no key",
        "a spent day",
        "a burst",
        "a premium function",
        "a premium parameter",
        "the demonstration's key",
        "a former throttle",
        "something new",
        "half a quote",
        "a list",
    ],
)
async def test_a_refusal_says_by_its_text_when_to_try_again(body: object, retry: Retry, way_out: str) -> None:
    async with answering(json.dumps(body)) as server:
        error = await refusal_of(asker(server), ["VTI"])
    assert error.retry == retry
    assert way_out in str(error)
    assert isinstance(error, QuotaSpentError) is (retry == Later(TOMORROW))
    assert KEY not in str(error)


@pytest.mark.parametrize("text", ['{"Global Quote":{}}', "{}"])
async def test_a_symbol_that_nobody_knows_is_left_alone(text: str) -> None:
    async with answering(text) as server:
        error = await refusal_of(asker(server), ["NONE"])
    assert error.retry == Never("symbol")
    assert "ALPHA_VANTAGE_SYMBOLS" in str(error)


@pytest.mark.parametrize(("status", "retry"), [(503, Soon()), (429, Later(IN_A_MINUTE))])
async def test_a_status_that_is_no_success_is_believed(status: int, retry: Retry) -> None:
    async with answering("<html>away</html>", status) as server:
        assert (await refusal_of(asker(server), ["VTI"])).retry == retry
