"""When a connection is opened again, however it ended: the same for every venue, so told with one each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.integration.producer.conformance.conftest import BRISK, Follow
from tests.integration.producer.conformance.dialect import Script, at, framed, milliseconds
from tests.integration.producer.conformance.dialects.alpaca import Alpaca
from tests.integration.producer.conformance.dialects.binance import Binance
from tests.integration.producer.conformance.dialects.kraken import Kraken
from tests.integration.producer.conformance.exchange import Exchange
from tests.integration.producer.waiting import until

KRAKEN = Kraken()
BINANCE = Binance()
ALPACA = Alpaca()


def pauses(caplog: pytest.LogCaptureFixture) -> list[float]:
    """The seconds until the next attempt, as the feed's log tells them."""
    return [
        float(record.args[-1])  # type: ignore[arg-type]  # the arguments of our own message
        for record in caplog.records
        if "trying again in" in record.msg and isinstance(record.args, tuple)
    ]


async def test_a_venue_that_drops_every_connection_is_asked_ever_more_slowly(
    follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    scripts = [Script((KRAKEN.trade("BTC-USD", n, n),), then="drop") for n in range(1, 10)]
    async with Exchange(KRAKEN, *scripts) as exchange:
        follow(KRAKEN, exchange, replace(BRISK, longest_pause=0.3))
        await until(lambda: exchange.connections == 8, "it is tried again and again")
    first, *_, last = pauses(caplog)[:7]
    assert first <= 0.03
    assert last == pytest.approx(0.3)


async def test_a_connection_that_streamed_for_long_is_opened_again_without_a_growing_pause(
    follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    scripts = [Script((KRAKEN.trade("BTC-USD", n, n),), then="drop") for n in range(1, 10)]
    async with Exchange(KRAKEN, *scripts) as exchange:
        followed = follow(KRAKEN, exchange, replace(BRISK, longest_pause=30, steady=0))
        await until(lambda: exchange.connections == 10, "it is opened again and again")
        assert followed.feed.status.reconnects == 9
        assert pauses(caplog) == []


async def test_a_venue_that_tells_its_time_when_asked_is_asked(follow: Follow) -> None:
    async with Exchange(KRAKEN) as exchange:
        followed = follow(KRAKEN, exchange)
        followed.feed.venue.question_seconds = 0.05
        await until(lambda: len(exchange.received) >= 2, "it is asked again and again")
        assert [json.loads(message) for message in exchange.received[:2]] == [{"method": "ping"}] * 2
        assert exchange.connections == 1


async def test_trades_that_were_missed_are_published_from_the_last_trades_that_kraken_repeats(
    follow: Follow,
) -> None:
    old = KRAKEN.trades("snapshot", KRAKEN.entry("BTC-USD", 6, -90), KRAKEN.entry("BTC-USD", 7, -60))
    repeated = [KRAKEN.entry("BTC-USD", number, number) for number in (8, 9, 10)]
    scripts = (
        Script((old, KRAKEN.trade("BTC-USD", 8, 8)), then="drop"),
        Script((KRAKEN.trades("snapshot", *repeated), KRAKEN.trade("BTC-USD", 11, 11))),
    )
    async with Exchange(KRAKEN, *scripts) as exchange:
        followed = follow(KRAKEN, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 4, "trades go on")
        assert [event.sequence for event in followed.sink.of_kind("trade")] == [8, 9, 10, 11]
        assert followed.feed.status.gaps == 0


@pytest.mark.parametrize(
    "shutdown",
    [
        framed(e="serverShutdown", E=milliseconds(2)),
        framed(stream="!server", data={"e": "serverShutdown", "E": milliseconds(2)}),
    ],
    ids=["alone", "in a stream"],
)
async def test_a_server_of_binance_that_shuts_down_is_left_and_nothing_is_wrong(
    follow: Follow, shutdown: str
) -> None:
    scripts = (
        Script((BINANCE.trade("BTC-USDT", 1, 1), shutdown)),
        Script((BINANCE.trade("BTC-USDT", 2, 3),)),
    )
    async with Exchange(BINANCE, *scripts) as exchange:
        followed = follow(BINANCE, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "trades go on")
        assert (followed.feed.status.reconnects, followed.feed.status.last_error) == (1, None)
        assert followed.sink.story("BTC-USDT")[2] == ("break", at(1))


async def test_a_connection_is_left_before_binance_would_end_it_and_nothing_is_wrong(follow: Follow) -> None:
    scripts = (
        Script((BINANCE.trade("BTC-USDT", 1, 1),)),
        Script((BINANCE.trade("BTC-USDT", 2, 3),)),
    )
    async with Exchange(BINANCE, *scripts) as exchange:
        followed = follow(BINANCE, exchange)
        assert 23 * 3600 < (followed.feed.venue.longest_session_seconds or 0) < 24 * 3600
        followed.feed.venue.longest_session_seconds = 0.3
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "trades go on")
        assert followed.feed.status.last_error is None


async def test_binance_where_it_is_not_allowed_names_feeds_that_are(follow: Follow) -> None:
    async with Exchange(BINANCE, http=(451, '{"code":0,"msg":"restricted location"}')) as exchange:
        followed = follow(BINANCE, exchange)
        await until(lambda: followed.feed.status.last_error, "the refusal is told")
        told = followed.feed.status.last_error or ""
        assert told.startswith("Binance does not serve the place where this producer runs (HTTP 451: ")
        assert "such as kraken or coinbase" in told


async def test_alpaca_streams_trades_where_the_plan_has_no_room_for_quotes(follow: Follow) -> None:
    refusal = json.dumps([{"T": "error", "code": 405, "msg": "symbol limit exceeded"}])
    async with Exchange(ALPACA, Script((refusal, ALPACA.trade("AAPL", 1, 1)))) as exchange:
        followed = follow(ALPACA, exchange)
        await until(lambda: followed.sink.of_kind("trade"), "the trade has arrived")
        assert exchange.connections == 1
        assert (followed.feed.status.last_error or "").startswith("Trades stream without bid and ask. ")


async def test_the_last_bid_and_ask_are_shown_and_no_price_is_made_of_them(follow: Follow) -> None:
    ticker = framed(
        channel="ticker", type="update", data=[{"symbol": "BTC/USD", "bid": 105944.2, "ask": 105944.3}]
    )
    async with Exchange(KRAKEN, Script((ticker,))) as exchange:
        followed = follow(KRAKEN, exchange)
        await until(lambda: followed.feed.status.quotes, "bid and ask are shown")
        best = followed.feed.status.quotes["BTC-USD"]
        assert (str(best.bid), str(best.ask)) == ("105944.2", "105944.3")
        assert followed.sink.of_kind("quote") == []
