"""A provider that tells a day when it is over is asked in the evening, until every symbol has its day."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime

from pydantic import SecretStr

from producer.database import Database
from producer.events import to_datetime
from producer.providers import alpha_vantage
from producer.quota.ledger import QuotaLedger
from producer.resume import PublishedBefore
from producer.settings import ProducerSettings
from tests.answers import Answer, AnswerServer, Question
from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import StartPublisher
from tests.integration.producer.test_polled_feed import polled_feed, run_to_the_end
from tests.integration.producer.waiting import until
from tests.simulated_clock import SimulatedClock

QUOTE = """{"Global Quote":{"01. symbol":"%s","02. open":"10.0000","03. high":"11.0000","04. low":"9.0000",
"05. price":"10.5000","06. volume":"1000","07. latest trading day":"%s","08. previous close":"10.0000",
"09. change":"0.5000","10. change percent":"5.0000%%"}}"""


async def test_each_symbol_is_asked_for_until_its_day_is_told_and_no_more(
    broker: Broker,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
    database: Database,
    settings: ProducerSettings,
) -> None:
    clock = SimulatedClock(datetime(2024, 11, 27, 12, tzinfo=UTC), datetime(2024, 11, 29, 23, tzinfo=UTC))
    asked: list[str] = []

    def answer(question: Question) -> Answer:
        moment = to_datetime(clock.now())
        asked.append(f"{moment:%Y-%m-%d}")
        # Half an hour after the close the day is there.
        is_told = moment.hour > 21 or (moment.hour == 21 and moment.minute >= 30) or moment.day == 29
        day = f"{moment:%Y-%m-%d}" if is_told else "2024-11-26"
        return Answer(QUOTE % (question.parameters["symbol"], day))

    symbols = tuple(f"T{uuid.uuid4().hex[:8].upper()}" for _ in range(3))
    publisher = await start_publisher()
    async with AnswerServer(answer) as server, broker.following() as arrivals:
        configured = settings.model_copy(
            update={
                "alpha_vantage_api_key": SecretStr(uuid.uuid4().hex),
                "alpha_vantage_symbols": symbols,
                "alpha_vantage_base_url": server.url,
            }
        )
        provider = alpha_vantage.provider(configured, QuotaLedger(database), clock)
        await run_to_the_end(polled_feed(provider), clock, publisher, published_before)
        await until(lambda: len(arrivals.of_kind("quote")) == 6, "three quotes of each of two sessions")
    # Spread over three hours, 25 calls are 432 s apart: five came too early on the first evening.
    assert Counter(asked) == {"2024-11-27": 8, "2024-11-29": 3}
    told = {(quote.symbol, quote.trading_day) for quote in arrivals.of_kind("quote")}
    assert told == {(symbol, day) for symbol in symbols for day in ("2024-11-27", "2024-11-29")}
