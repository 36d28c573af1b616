"""What is special about one provider of bars: what it has forgotten, and its own refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from producer.backfill.request import checked_request
from producer.bars import INTERVAL_MICROS
from producer.errors import InvalidBackfillError, Later, Never, ProviderError, QuotaSpentError
from producer.events import MICROSECONDS_PER_SECOND, to_datetime, to_micros
from tests.answers import Answer
from tests.integration.producer.bar_conformance.conftest import Venue, at
from tests.integration.producer.bar_conformance.dialect import BarDialect
from tests.integration.producer.bar_conformance.dialects.alpaca import Alpaca
from tests.integration.producer.bar_conformance.dialects.alpha_vantage import AlphaVantage
from tests.integration.producer.bar_conformance.dialects.binance import Binance
from tests.integration.producer.bar_conformance.dialects.fmp import Fmp
from tests.integration.producer.bar_conformance.dialects.kraken import Kraken
from tests.integration.producer.bar_conformance.market import NOW

MINUTE = timedelta(minutes=1)
MIDNIGHT = to_micros(datetime(2025, 3, 12, tzinfo=UTC))


class FreeAlphaVantage(AlphaVantage):
    """A key that has the newest hundred days and no minutes."""

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"alpha_vantage_base_url": url, "alpha_vantage_api_key": key}


class FreeFmp(Fmp):
    """A key that has days alone."""

    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        return {"fmp_base_url": url, "fmp_api_key": key}


def of(dialect: BarDialect) -> pytest.MarkDecorator:
    """The case is one of this provider alone."""
    return pytest.mark.parametrize("dialect", [dialect], ids=[dialect.name])


def order(venue: Venue, start: datetime) -> None:
    """Order a backfill of the shortest bars up to the present."""
    assert venue.provider is not None
    name, interval = venue.dialect.name, venue.source.intervals[0]
    checked_request(
        {name: venue.provider}, name, (), interval, to_micros(start), None, to_micros(NOW), again=False
    )


@of(Alpaca())
async def test_pages_that_do_not_end_are_not_followed_for_ever(venue: Venue) -> None:
    error = await venue.refusal(*[Answer('{"bars":null,"next_page_token":"again","symbol":"AAPL"}')] * 2)
    assert "do not end" in str(error)
    assert [question.parameters.get("page_token") for question in venue.questions] == [None, "again"]


@of(Kraken())
async def test_kraken_says_of_bars_that_it_has_forgotten_since_when_there_are_some(venue: Venue) -> None:
    oldest = NOW.replace(second=0) - 719 * MINUTE
    assert len(await venue.bars("1m", oldest, NOW)) == 720
    said = f"newest 720 bars .* of 1m since {oldest:%Y-%m-%d %H:%M}"
    with pytest.raises(ProviderError, match=said) as refusal:
        await venue.bars("1m", oldest - MINUTE, NOW)
    assert refusal.value.retry == Never("endpoint")


@of(Kraken())
async def test_a_backfill_of_bars_that_kraken_has_forgotten_is_refused_before_it_begins(venue: Venue) -> None:
    earliest = to_datetime(venue.source.earliest("1m", to_micros(NOW)) or 0)
    # Some are left out that may go while the backfill is under way.
    assert NOW.replace(second=0) - earliest == 709 * MINUTE
    order(venue, earliest)
    with pytest.raises(InvalidBackfillError, match=r"kraken has bars of 1m since .* and no older ones"):
        order(venue, earliest - MINUTE)


@of(FreeAlphaVantage())
async def test_a_free_key_of_alpha_vantage_has_a_hundred_days_and_says_so_of_older_ones(venue: Venue) -> None:
    assert venue.source.intervals == ("1d",)
    (*_, oldest) = venue.market.traded("1d", to_micros(at("2024-01-01")), to_micros(NOW))[:-99]
    assert len(await venue.bars("1d", oldest.start, to_micros(NOW))) == 100
    said = f"newest 100 days, since {to_datetime(oldest.start).date()}.*ALPHA_VANTAGE_PLAN"
    with pytest.raises(ProviderError, match=said) as refusal:
        await venue.bars("1d", oldest.start - INTERVAL_MICROS["1d"], to_micros(NOW))
    assert refusal.value.retry == Never("endpoint")
    assert (venue.source.earliest("1d", to_micros(NOW)) or 0) >= oldest.start
    with pytest.raises(InvalidBackfillError, match="and no older ones"):
        order(venue, at("2020-01-01"))


@of(AlphaVantage())
async def test_a_premium_key_of_alpha_vantage_has_all_days(venue: Venue) -> None:
    assert len(await venue.bars("1d", at("2024-01-02"), at("2025-03-11"))) > 250
    assert [question.parameters["outputsize"] for question in venue.questions] == ["full"]
    assert venue.source.earliest("1d", to_micros(NOW)) is None


@of(AlphaVantage())
@pytest.mark.parametrize(
    "text",
    [
        "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any",
        "The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint.",
    ],
    ids=["endpoint", "parameter"],
)
async def test_what_is_premium_at_alpha_vantage_is_never_answered_and_names_the_plan(
    venue: Venue, text: str
) -> None:
    error = await venue.refusal(Answer(f'{{"Information":"{text}"}}'))
    assert error.retry == Never("endpoint")
    assert "ALPHA_VANTAGE_PLAN" in str(error)


@of(AlphaVantage())
async def test_a_spent_day_at_alpha_vantage_is_noted_and_nobody_is_asked_again_that_day(venue: Venue) -> None:
    told = (
        f"We have detected your API key as {venue.key} and our standard API rate limit is 25 requests per "
        f"day. Please subscribe to any of the premium plans to instantly remove all daily rate limits."
    )
    error = await venue.refusal(Answer(f'{{"Information":"{told}"}}'))
    assert isinstance(error, QuotaSpentError)
    assert error.retry == Later(MIDNIGHT)
    assert venue.key not in str(error)
    with pytest.raises(QuotaSpentError, match="All 25 calls to alpha_vantage of this day are made"):
        await venue.bars("1d", NOW - timedelta(days=3), NOW)
    assert len(venue.questions) == 1


@of(FreeFmp())
async def test_a_free_key_of_fmp_has_days_alone_and_a_limit_of_the_day(venue: Venue) -> None:
    assert venue.source.intervals == ("1d",)
    venue.instead = [venue.dialect.rate_limited]
    with pytest.raises(QuotaSpentError) as refusal:
        await venue.bars("1d", NOW - timedelta(days=3), NOW)
    assert refusal.value.retry == Later(MIDNIGHT)


@of(Fmp())
async def test_what_fmps_plan_has_not_is_never_answered_and_an_unknown_symbol_has_no_bars(
    venue: Venue,
) -> None:
    restricted = (
        "Restricted Endpoint: This endpoint is not available under your current subscription please visit "
        "our subscription page to upgrade your plan"
    )
    assert (await venue.refusal(Answer(restricted, 402))).retry == Never("endpoint")
    venue.instead = [Answer("[]")]
    assert await venue.bars("1m", NOW - timedelta(minutes=30), NOW) == []


@of(Fmp())
async def test_a_vwap_that_fmp_works_out_of_four_prices_is_not_told(venue: Venue) -> None:
    bars = await venue.bars("1d", NOW - timedelta(days=3), NOW)
    assert {bar.vwap for bar in bars} == {None}


@of(Binance())
async def test_a_place_that_binance_does_not_serve_never_is_and_a_ban_is_waited_out(venue: Venue) -> None:
    blocked = '{"code":0,"msg":"Service unavailable from a restricted location according to the terms"}'
    error = await venue.refusal(Answer(blocked, 451))
    assert error.retry == Never("endpoint")
    assert "BINANCE_REST_URL" in str(error)
    banned = '{"code":-1003,"msg":"Way too many requests; IP banned until 1741708800000."}'
    error = await venue.refusal(Answer(banned, 418, headers={"Retry-After": "120"}))
    assert error.retry == Later(venue.clock.now() + 120 * MICROSECONDS_PER_SECOND)


async def test_no_hours_are_offered_where_they_begin_at_half_past(venue: Venue) -> None:
    assert ("1h" in venue.source.intervals) is (venue.dialect.name not in {"fmp", "alpha_vantage"})
