"""Every streaming venue: what it refuses is named in its words, and asked again when that is of use."""

from __future__ import annotations

import asyncio

import pytest

from producer.errors import ProviderError
from producer.events import MICROSECONDS_PER_SECOND, clock_micros
from producer.providers.streaming.feed import REFUSED
from tests.integration.producer.conformance.conftest import (
    BRISK,
    Follow,
    Followed,
    NothingPublished,
    RecordingSink,
)
from tests.integration.producer.conformance.dialect import Dialect, Script, at
from tests.integration.producer.conformance.dialects import DIALECTS
from tests.integration.producer.conformance.exchange import Exchange
from tests.integration.producer.waiting import until

KEYED = [dialect for dialect in DIALECTS if dialect.secrets]


def seconds_to_next_attempt(followed: Followed) -> float:
    assert followed.feed.status.next_attempt is not None
    return (followed.feed.status.next_attempt - clock_micros()) / MICROSECONDS_PER_SECOND


async def test_a_refused_subscription_is_named_with_the_setting_to_check(
    dialect: Dialect, follow: Follow
) -> None:
    one, other = dialect.symbols
    script = Script((dialect.trade(one, 1, 1),), refused=(other,))
    async with Exchange(dialect, script, Script((dialect.trade(one, 2, 2),))) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.last_error, "the refusal is told")
        told = followed.feed.status.last_error or ""
        assert other in told or other.replace("-", "/") in told
        assert followed.feed.venue.symbols_setting in told
        if dialect.refuses_one_by_one:
            await until(lambda: followed.sink.of_kind("trade"), "the other symbol streams")
            assert (followed.feed.status.state, exchange.connections) == ("streaming", 1)


@pytest.mark.parametrize("dialect", KEYED, ids=lambda dialect: dialect.name)
async def test_a_wrong_key_is_told_and_not_tried_again_within_the_hour(
    dialect: Dialect, follow: Follow
) -> None:
    async with Exchange(dialect, Script(wrong_key=True), Script(wrong_key=True)) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.next_attempt, "the key is refused")
        assert followed.feed.status.state == REFUSED
        assert 3500 < seconds_to_next_attempt(followed) <= 3600
        told = followed.feed.status.last_error or ""
        assert str(followed.feed.venue.key_setting) in told
        assert "***" in told  # the venue has repeated the key, and we have not
        assert exchange.requests == 1


async def test_a_venue_that_asks_for_patience_gets_it(dialect: Dialect, follow: Follow) -> None:
    exchange = Exchange(dialect, http=(429, "slow down")).answering_with(Retry_After="120")
    async with exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.next_attempt, "the refusal is told")
        assert 110 < seconds_to_next_attempt(followed) <= 120
        assert "HTTP 429: slow down" in (followed.feed.status.last_error or "")
        assert exchange.requests == 1


async def test_a_server_error_is_tried_again_soon(dialect: Dialect, follow: Follow) -> None:
    async with Exchange(dialect, http=(503, "down for maintenance")) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: exchange.requests >= 3, "it is tried again")
        assert "HTTP 503" in (followed.feed.status.last_error or "")


async def test_a_place_that_is_not_served_is_told_and_not_tried_again_within_the_hour(
    dialect: Dialect, follow: Follow
) -> None:
    body = '{"code":0,"msg":"Service unavailable from a restricted location"}'
    async with Exchange(dialect, http=(451, body)) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.next_attempt, "the refusal is told")
        assert followed.feed.status.state == REFUSED
        assert seconds_to_next_attempt(followed) > 3500
        assert "restricted location" in (followed.feed.status.last_error or "")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "nowhere"])
async def test_an_address_that_is_none_ends_the_feed_with_the_setting_to_correct(
    dialect: Dialect, address: str
) -> None:
    feed = dialect.feed(address, BRISK)
    with pytest.raises(ProviderError, match=feed.venue.url_setting) as refusal:
        await feed.run(RecordingSink(), NothingPublished())
    for secret in dialect.secrets:
        assert secret not in str(refusal.value)


async def test_a_venue_that_is_not_there_is_tried_again(dialect: Dialect, follow: Follow) -> None:
    symbol = dialect.symbols[0]
    async with Exchange(dialect, Script((dialect.trade(symbol, 1, 1),))) as exchange:
        there, exchange.url = exchange.url, "ws://127.0.0.1:1"
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.next_attempt, "the connection is refused")
        followed.feed.venue.url = there
        await until(lambda: followed.sink.of_kind("trade"), "the venue is found again")


@pytest.mark.parametrize("then", ["hold", "mute"])
async def test_a_feed_that_is_cancelled_ends_at_once_and_says_where_it_broke(
    dialect: Dialect, follow: Follow, then: str
) -> None:
    symbol = dialect.symbols[0]
    script = Script((dialect.trade(symbol, 1, 1),), then="mute" if then == "mute" else "hold")
    async with Exchange(dialect, script) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.sink.of_kind("trade"), "the trade has arrived")
        await ended_by_one_cancel(followed)
        assert followed.sink.story(symbol)[-1] == ("break", at(1))


async def test_a_feed_that_waits_for_its_next_attempt_is_cancelled_at_once(
    dialect: Dialect, follow: Follow
) -> None:
    async with Exchange(dialect, http=(451, "not here")) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.feed.status.next_attempt, "the refusal is told")
        await ended_by_one_cancel(followed)


async def ended_by_one_cancel(followed: Followed) -> None:
    followed.task.cancel()
    done, _ = await asyncio.wait([followed.task], timeout=2)
    assert done
    assert followed.task.cancelled()
