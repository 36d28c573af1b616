"""Every streaming venue: where trades may be missing there is a break, and the feed goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.integration.producer.conformance.conftest import BRISK, Follow
from tests.integration.producer.conformance.dialect import Dialect, Script, at
from tests.integration.producer.conformance.dialects import DIALECTS
from tests.integration.producer.conformance.exchange import Exchange
from tests.integration.producer.waiting import until


async def test_a_lost_connection_is_a_break_of_each_symbol_and_is_opened_again(
    dialect: Dialect, follow: Follow
) -> None:
    one, other = dialect.symbols
    before = (dialect.trade(one, 1, 1), dialect.trade(other, 1, 2))
    after = (dialect.trade(one, 2, 8), dialect.trade(other, 2, 9))
    async with Exchange(dialect, Script(before, then="drop"), Script(after)) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 4, "trades go on")
        for symbol, earlier, later in ((one, at(1), at(8)), (other, at(2), at(9))):
            begin, first, broken, second = followed.sink.story(symbol)
            assert (begin[0], first, second) == ("break", ("trade", earlier), ("trade", later))
            assert broken[0] == "break"
            # A venue's clock may have told of a later time than the symbol's own last trade.
            assert earlier <= broken[1] <= at(2)
        assert followed.feed.status.reconnects == 1
        assert followed.feed.status.last_error is not None


@pytest.mark.parametrize(
    "dialect", [dialect for dialect in DIALECTS if dialect.numbered], ids=lambda dialect: dialect.name
)
async def test_numbers_that_are_skipped_are_a_break_at_the_last_trade_before_them(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    frames = tuple(dialect.trade(symbol, number, 10.0 * number) for number in (1, 2, 5))
    async with Exchange(dialect, Script(frames)) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 3, "the trades have arrived")
        assert followed.sink.story(symbol)[1:] == [
            ("trade", at(10)),
            ("trade", at(20)),
            ("break", at(20)),
            ("trade", at(50)),
        ]
        assert followed.feed.status.gaps == 1


@pytest.mark.parametrize("malformed", [b"\xff\xfe", "{what?", '"a text"', "17"])
async def test_a_malformed_frame_is_told_and_costs_the_connection_and_not_the_feed(
    dialect: Dialect, follow: Follow, malformed: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    symbol = dialect.symbols[0]
    scripts = (Script((dialect.trade(symbol, 1, 1), malformed)), Script((dialect.trade(symbol, 2, 2),)))
    async with Exchange(dialect, *scripts) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "trades go on")
        assert exchange.connections == 2
        assert "sent a frame that cannot be understood" in (followed.feed.status.last_error or "")
        assert "sent a frame that cannot be understood" in caplog.text
        assert followed.sink.story(symbol)[1:4] == [("trade", at(1)), ("break", at(1)), ("trade", at(2))]


@pytest.mark.parametrize("price", ["NaN", '{"a":1}', '"a lot'])
async def test_a_trade_with_a_price_that_is_none_is_never_published(
    dialect: Dialect, follow: Follow, price: str
) -> None:
    symbol = dialect.symbols[0]
    wrong = dialect.trade(symbol, 2, 2, price=price)
    async with Exchange(dialect, Script((wrong,)), Script((dialect.trade(symbol, 3, 3),))) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.sink.of_kind("trade"), "trades go on")
        assert [event.event_time for event in followed.sink.of_kind("trade")] == [at(3)]
        assert "sent a frame that cannot be understood" in (followed.feed.status.last_error or "")


async def test_a_connection_that_goes_dead_without_a_word_is_given_up(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    scripts = (Script((dialect.trade(symbol, 1, 1),), then="mute"), Script((dialect.trade(symbol, 2, 2),)))
    async with Exchange(dialect, *scripts) as exchange:
        followed = follow(dialect, exchange, replace(BRISK, ping=0.3))
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "trades go on")
        assert followed.sink.story(symbol)[1:4] == [("trade", at(1)), ("break", at(1)), ("trade", at(2))]


@pytest.mark.parametrize(
    "dialect",
    [dialect for dialect in DIALECTS if not dialect.may_be_silent],
    ids=lambda dialect: dialect.name,
)
async def test_a_venue_that_always_has_something_to_say_is_given_up_when_it_falls_silent(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    scripts = (Script((dialect.trade(symbol, 1, 1),)), Script((dialect.trade(symbol, 2, 2),)))
    async with Exchange(dialect, *scripts) as exchange:
        followed = follow(dialect, exchange, silence=0.3)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "trades go on")
        assert followed.feed.status.last_error == "nothing received for 0.3 s"
        assert followed.sink.story(symbol)[2:4] == [("break", at(1)), ("trade", at(2))]


@pytest.mark.parametrize(
    "dialect",
    [dialect for dialect in DIALECTS if dialect.may_be_silent],
    ids=lambda dialect: dialect.name,
)
def test_a_venue_that_may_have_nothing_to_say_for_hours_is_not_given_up_for_its_silence(
    dialect: Dialect,
) -> None:
    assert dialect.feed("ws://unused", BRISK).venue.silence_seconds is None
