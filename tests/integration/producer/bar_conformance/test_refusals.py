"""What every provider of bars may refuse, and what is made of it: soon, later, or never."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from producer.database import Database
from producer.errors import Later, Never, ProviderError, QuotaSpentError, Soon
from producer.events import MICROSECONDS_PER_SECOND, clock_micros, to_micros
from producer.providers.registry import providers
from producer.quota.ledger import QuotaLedger
from producer.settings import ProducerSettings
from tests.answers import Answer
from tests.integration.producer.bar_conformance.conftest import Venue
from tests.integration.producer.bar_conformance.dialect import AWAY, HTML, BarDialect
from tests.integration.producer.bar_conformance.dialects import BAR_DIALECTS
from tests.integration.producer.bar_conformance.market import NOW

KEYED = [dialect for dialect in BAR_DIALECTS if dialect.wrong_key is not None]


async def test_a_symbol_that_nobody_knows_is_refused_for_good_where_that_is_said(venue: Venue) -> None:
    answer = venue.dialect.unknown_symbol
    if venue.dialect.tells_unknown_symbols:
        error = await venue.refusal(answer)
        assert error.retry == Never("symbol")
        assert venue.dialect.symbol in str(error)
    else:
        venue.instead = [answer]
        assert await venue.bars("1m", NOW - timedelta(minutes=30), NOW) == []


async def test_a_limit_that_says_when_to_come_back_is_believed(venue: Venue) -> None:
    before = venue.our_time()
    error = await venue.refusal(replace(venue.dialect.rate_limited, headers={"Retry-After": "7"}))
    assert isinstance(error.retry, Later)
    waited = error.retry.until - before
    assert 7 * MICROSECONDS_PER_SECOND <= waited < 37 * MICROSECONDS_PER_SECOND
    assert not isinstance(error, QuotaSpentError)


async def test_a_limit_that_does_not_say_when_is_waited_for_a_minute_or_backed_off_from(venue: Venue) -> None:
    error = await venue.refusal(venue.dialect.rate_limited)
    in_a_minute = Later(venue.clock.now() + 60 * MICROSECONDS_PER_SECOND)
    assert error.retry == (Soon() if venue.dialect.weight is None else in_a_minute)


async def test_a_server_in_trouble_is_asked_again_soon(venue: Venue) -> None:
    for answer in (AWAY, venue.dialect.failing):
        assert (await venue.refusal(answer)).retry == Soon()


async def test_a_server_that_says_until_when_it_is_away_is_not_asked_before(venue: Venue) -> None:
    before = venue.our_time()
    error = await venue.refusal(replace(AWAY, headers={"Retry-After": "30"}))
    assert isinstance(error.retry, Later)
    waited = error.retry.until - before
    assert 30 * MICROSECONDS_PER_SECOND <= waited < 60 * MICROSECONDS_PER_SECOND


@pytest.mark.parametrize("dialect", KEYED, ids=lambda dialect: dialect.name)
async def test_a_wrong_key_is_refused_for_good_and_shown_nowhere(venue: Venue) -> None:
    wrong = venue.dialect.wrong_key
    assert wrong is not None
    echo = wrong.text.replace('"}', f' You sent {venue.key}."}}')
    assert venue.key in echo
    error = await venue.refusal(replace(wrong, text=echo))
    assert error.retry == Never("key")
    assert venue.key not in str(error)
    (question,) = venue.questions
    assert venue.key in {*question.parameters.values(), *question.headers.values()}


@pytest.mark.parametrize("fault", ["half", "a word", "NaN", "a page", "null", "nothing"])
async def test_a_body_that_cannot_be_understood_is_asked_for_again(venue: Venue, fault: str) -> None:
    await venue.bars("1m", NOW - timedelta(minutes=30), NOW - timedelta(minutes=5))
    good = venue.dialect.answer(venue.questions[0], venue.market).text
    ten_minutes_ago = to_micros(NOW - timedelta(minutes=10))
    price = venue.market.rows("1m", ten_minutes_ago, to_micros(NOW))[0].high
    assert price in good
    bodies = {
        "half": Answer(good[: len(good) // 2]),
        "a word": Answer(good.replace(price, "dear")),
        "NaN": Answer(good.replace(price, "NaN")),
        "a page": HTML,
        "null": Answer("null"),
        "nothing": Answer(""),
    }
    error = await venue.refusal(bodies[fault])
    assert error.retry == Soon()
    assert venue.dialect.symbol in str(error)


async def test_every_call_is_counted_before_it_is_made_also_one_that_fails(venue: Venue) -> None:
    weight = venue.dialect.weight
    assert set(await venue.used()) == (set() if weight is None else {0})
    await venue.refusal(AWAY)
    assert venue.counted == len(venue.questions) == 1
    assert set(await venue.used()) == (set() if weight is None else {weight})
    await venue.bars("1m", NOW - timedelta(minutes=30), NOW - timedelta(minutes=5))
    assert venue.counted == len(venue.questions) == 2
    # Kraken's limit is that of a second, which is over.
    again = {"kraken": 1, "coinbase": 0}.get(venue.dialect.name, 2 * (weight or 0))
    assert max(await venue.used(), default=0) == again


async def test_a_server_that_is_not_there_is_named_with_its_setting(
    dialect: BarDialect, settings: ProducerSettings, database: Database
) -> None:
    changes = dialect.settings("http://127.0.0.1:1", SecretStr(uuid.uuid4().hex))
    source = providers(settings.model_copy(update=changes), QuotaLedger(database))[dialect.name].bars
    assert source is not None
    end = clock_micros()
    with pytest.raises(ProviderError, match=r"cannot be reached at http://127\.0\.0\.1:1/") as refusal:
        await source.bars(dialect.symbol, "1m", end - 600 * MICROSECONDS_PER_SECOND, end, uncounted)
    assert refusal.value.retry == Soon()
    assert any(name.upper() in str(refusal.value) for name in changes if name.endswith("_url"))


async def uncounted() -> None:
    """Nobody wants to know how many calls this takes."""
