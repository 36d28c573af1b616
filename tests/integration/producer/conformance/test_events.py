"""Every streaming venue: what it tells becomes market events, exactly, and nothing else does."""

from __future__ import annotations

from decimal import Decimal

from producer.events import clock_micros
from tests.integration.producer.conformance.conftest import Follow
from tests.integration.producer.conformance.dialect import PRICE, SIZE, Dialect, Script, at
from tests.integration.producer.conformance.exchange import Exchange
from tests.integration.producer.waiting import until


async def test_a_trade_becomes_an_event_with_the_digits_and_the_time_of_the_venue(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    began = clock_micros()
    async with Exchange(dialect, Script((dialect.trade(symbol, 1, 0.244),))) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: followed.sink.of_kind("trade"), "the trade has arrived")
        (event,) = followed.sink.of_kind("trade")
        assert (event.source, event.symbol, event.event_time) == (dialect.name, symbol, at(0.244))
        assert (str(event.price), event.size) == (PRICE, Decimal(SIZE))
        assert event.event_id.startswith(f"{dialect.name}:{symbol}:")
        assert event.sequence is not None
        assert began <= event.ingest_time <= clock_micros()
        assert (event.trading_day, event.session_end) == ("2025-03-04", dialect.session_end)


async def test_the_first_event_of_a_symbol_is_the_break_of_its_beginning(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    script = Script((dialect.trade(symbol, 1, 5), dialect.trade(symbol, 2, 6)))
    async with Exchange(dialect, script) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "the trades have arrived")
        assert followed.sink.story(symbol) == [("break", at(-20) - 1), ("trade", at(5)), ("trade", at(6))]


async def test_breaks_belong_to_the_trading_day_that_trades_of_their_time_belong_to(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    evening = at(9 * 3600.0)  # half past midnight, UTC: in New York the day is not over
    async with Exchange(dialect, Script()) as exchange:
        followed = follow(dialect, exchange, stored={symbol: evening})
        await until(lambda: followed.sink.events, "the break of the earlier run is there")
        event = followed.sink.events[0]
        assert (event.kind, event.symbol, event.event_time) == ("break", symbol, evening)
        assert event.trading_day == ("2025-03-05" if dialect.session_end is None else "2025-03-04")


async def test_ids_are_the_same_on_every_connection_and_a_repeated_trade_is_published_once(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    first, second, third = (dialect.trade(symbol, number, number) for number in (1, 2, 3))
    scripts = (Script((first, second), then="drop"), Script((first, second, third)))
    async with Exchange(dialect, *scripts) as exchange:
        interrupted = follow(dialect, exchange)
        await until(lambda: len(interrupted.sink.of_kind("trade")) == 3, "all trades have arrived")
    async with Exchange(dialect, Script((first, second, third))) as exchange:
        whole = follow(dialect, exchange)
        await until(lambda: len(whole.sink.of_kind("trade")) == 3, "all trades have arrived")
        ids = [event.event_id for event in whole.sink.of_kind("trade")]
        assert [event.event_id for event in interrupted.sink.of_kind("trade")] == ids
        assert len(set(ids)) == 3


async def test_the_time_of_the_venue_becomes_a_heartbeat_and_where_it_tells_none_there_is_none(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    clock = dialect.clock(40)
    frames = (dialect.trade(symbol, 1, 1), *((clock,) if clock else dialect.idle))
    async with Exchange(dialect, Script((*frames, dialect.trade(symbol, 2, 41)))) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "both trades have arrived")
        heartbeats = {event.event_time for event in followed.sink.of_kind("heartbeat")}
        if clock:
            assert at(40) in heartbeats
        else:
            assert heartbeats <= {at(1), at(41)}


async def test_no_event_carries_another_time_than_one_that_the_venue_told(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    frames = [dialect.trade(symbol, number, number) for number in range(1, 6)]
    async with Exchange(dialect, Script((*frames, *dialect.idle), then="drop"), Script()) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: exchange.connections == 2, "the connection is opened again")
        told = {at(number) for number in range(6)} | {at(-20) - 1}
        assert {event.event_time for event in followed.sink.events} <= told


async def test_what_is_unknown_in_a_frame_and_frames_that_are_unknown_are_passed_over(
    dialect: Dialect, follow: Follow
) -> None:
    symbol = dialect.symbols[0]
    extra = ',"unheard_of":[{"a":1}],"Q":null'
    frames = (*dialect.idle, dialect.trade(symbol, 1, 1, extra=extra), *dialect.idle)
    script = Script((*frames, dialect.trade(symbol, 2, 2)))
    async with Exchange(dialect, script) as exchange:
        followed = follow(dialect, exchange)
        await until(lambda: len(followed.sink.of_kind("trade")) == 2, "the trades have arrived")
        assert exchange.connections == 1
        assert (followed.feed.status.state, followed.feed.status.last_error) == ("streaming", None)
        assert {event.kind for event in followed.sink.events} <= {"trade", "break", "heartbeat"}
