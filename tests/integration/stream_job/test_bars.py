"""Historical bars and the stream's candles in one table: which of them a candle is, in the end."""

import os
import signal
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from ops.paths import Paths
from ops.supervisor import Supervisor
from producer.bars import BARS_PER_MESSAGE, Bar, Interval, bars_message_id, encode_bars
from producer.events import MICROSECONDS_PER_SECOND, clock_micros, feed_break, to_micros
from producer.topology import BARS_QUEUE
from tests.integration.stream_job.generated import MINUTE, SOURCE, trade_at
from tests.integration.stream_job.market import Market
from tests.integration.stream_job.waiting import eventually
from tests.stack import RunningStack

PAST = datetime(2019, 3, 4, 15, 0, tzinfo=UTC)
MIDNIGHT = datetime(2019, 3, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """What matters here of a candle."""

    origin: str
    source: str
    close: Decimal
    is_partial: bool
    is_final: bool
    revision: int


def bar(
    symbol: str, start: datetime, close: str = "7", interval: Interval = "1m", source: str = "archive"
) -> Bar:
    price = Decimal(close)
    return Bar(
        source=source,
        symbol=symbol,
        interval=interval,
        bucket_start=to_micros(start),
        open=price,
        high=price + 1,
        low=price - 1,
        close=price,
        volume=Decimal("12.5"),
        trading_day=start.date().isoformat(),
    )


class Archive:
    """Publishes bars, and looks at the candles that they become."""

    def __init__(self, market: Market, stack: RunningStack) -> None:
        self._market = market
        self._stack = stack

    async def publish(self, bars: Iterable[Bar]) -> str:
        body = encode_bars(list(bars))
        return await self._market.publish_message(BARS_QUEUE, body, bars_message_id(body))

    def rows(self, symbol: str, interval: str = "1m") -> dict[datetime, Row]:
        connection = self._stack.psycopg("market_reader")
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT bucket_start, origin, source, close, is_partial, is_final, revision FROM candles"
                " WHERE symbol = %s AND interval = %s",
                (symbol, interval),
            )
            found = {start.astimezone(UTC): Row(*rest) for start, *rest in cursor.fetchall()}
        connection.close()
        return found

    def averages(self, symbol: str) -> dict[datetime, tuple[float | None, int]]:
        """The 20-day average by day, and its revision."""
        connection = self._stack.psycopg("market_reader")
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT bucket_start, value, revision FROM indicators"
                " WHERE symbol = %s AND interval = '1d' AND name = 'sma_20'",
                (symbol,),
            )
            found = {start.astimezone(UTC): (value, revision) for start, value, revision in cursor.fetchall()}
        connection.close()
        return found

    async def rows_when(
        self, symbol: str, start: datetime, close: str, origin: str, interval: str = "1m"
    ) -> dict[datetime, Row]:
        """Wait until the candle of a minute closes so, and comes from there."""
        wanted = (Decimal(close), origin)
        return await eventually(
            lambda: self.rows(symbol, interval),
            lambda rows: start in rows and (rows[start].close, rows[start].origin) == wanted,
        )


@pytest.fixture
def archive(market: Market, stack: RunningStack) -> Archive:
    return Archive(market, stack)


async def test_a_bar_makes_the_candle_that_is_missing_final_whole_and_digit_for_digit(
    archive: Archive, symbol: str
) -> None:
    await archive.publish([bar(symbol, PAST, "1.123456789012345678"), bar(symbol, PAST + MINUTE, "8")])
    rows = await archive.rows_when(symbol, PAST, "1.123456789012345678", "backfill")
    assert rows[PAST] == Row("backfill", "archive", Decimal("1.123456789012345678"), False, True, 1)
    assert set(rows) == {PAST, PAST + MINUTE}


async def test_a_bar_that_comes_again_changes_nothing_and_one_with_other_values_raises_the_revision(
    archive: Archive, symbol: str
) -> None:
    await archive.publish([bar(symbol, PAST, "7")])
    await archive.publish([bar(symbol, PAST, "7"), bar(symbol, PAST + MINUTE, "7")])
    rows = await archive.rows_when(symbol, PAST + MINUTE, "7", "backfill")
    assert rows[PAST].revision == 1
    await archive.publish([bar(symbol, PAST, "3.5")])  # such as after a split
    rows = await archive.rows_when(symbol, PAST, "3.5", "backfill")
    assert rows[PAST].revision == 2


async def test_bars_replace_partial_candles_of_the_stream_and_never_whole_ones(
    archive: Archive, market: Market, trading_time: datetime, symbol: str
) -> None:
    minutes = [trading_time + number * MINUTE for number in range(4)]
    broke = to_micros(minutes[2] + timedelta(seconds=30))
    events = [trade_at(symbol, start, number) for number, start in enumerate(minutes)]
    await market.publish([*events[:3], feed_break(SOURCE, symbol, broke, broke), events[3]])
    await market.pass_time(minutes[3] + MINUTE)
    streamed = await market.candles_when_final(symbol, 4)
    assert [candle.is_partial for candle in streamed] == [True, False, True, True]

    await archive.publish(bar(symbol, start) for start in minutes)
    rows = await archive.rows_when(symbol, minutes[3], "7", "backfill")
    assert [rows[start].origin for start in minutes] == ["backfill", "stream", "backfill", "backfill"]
    assert not any(row.is_partial for row in rows.values())


async def test_a_late_event_does_not_bring_back_the_partial_candle_that_a_bar_replaced(
    archive: Archive, market: Market, trading_time: datetime, symbol: str
) -> None:
    partial, whole = trading_time, trading_time + MINUTE
    await market.publish([trade_at(symbol, partial, 1), trade_at(symbol, whole, 2)])
    await market.pass_time(whole + MINUTE)
    await market.candles_when_final(symbol, 2)
    await archive.publish([bar(symbol, partial)])
    await archive.rows_when(symbol, partial, "7", "backfill")

    late = timedelta(seconds=30)
    await market.publish(
        [trade_at(symbol, partial + late, 3, "200"), trade_at(symbol, whole + late, 4, "300")]
    )
    # Both corrections are written in one batch, the partial candle's first.
    rows = await archive.rows_when(symbol, whole, "300", "stream")
    assert (rows[partial].origin, rows[partial].close) == ("backfill", Decimal(7))


async def test_a_whole_candle_that_the_stream_makes_later_replaces_a_backfilled_one(
    archive: Archive, market: Market, trading_time: datetime, symbol: str
) -> None:
    first, second = trading_time, trading_time + MINUTE
    await archive.publish([bar(symbol, second)])
    await archive.rows_when(symbol, second, "7", "backfill")
    await market.publish([trade_at(symbol, first, 1), trade_at(symbol, second, 2, "300")])
    await market.pass_time(second + MINUTE)
    rows = await archive.rows_when(symbol, second, "300", "stream")
    assert not rows[second].is_partial


async def test_a_day_is_a_candle_of_its_date(archive: Archive, symbol: str) -> None:
    day = datetime(2012, 5, 18, tzinfo=UTC)
    await archive.publish([bar(symbol, day, "38.23", "1d")])
    rows = await archive.rows_when(symbol, day, "38.23", "backfill", "1d")
    assert set(rows) == {day}


async def test_a_series_of_bars_alone_has_indicators_and_they_follow_a_correction(
    archive: Archive, symbol: str
) -> None:
    days = [datetime(2012, 5, 1, tzinfo=UTC) + timedelta(days=number) for number in range(25)]
    await archive.publish(bar(symbol, day, str(number + 10), "1d") for number, day in enumerate(days))
    averages = await eventually(lambda: archive.averages(symbol), lambda found: len(found) == 25)
    assert [averages[day][0] for day in days[:19]] == [None] * 19
    assert [averages[day] for day in days[19:]] == [
        (sum(range(number - 9, number + 11)) / 20, number + 1) for number in range(19, 25)
    ]
    await archive.publish([bar(symbol, days[10], "60", "1d")])  # in place of 20
    corrected = await eventually(
        lambda: archive.averages(symbol), lambda found: found[days[24]] != averages[days[24]]
    )
    assert corrected[days[24]] == (24.5 + 40 / 20, 26)
    assert [corrected[day] for day in days[:10]] == [averages[day] for day in days[:10]]


async def test_indicators_of_what_is_streamed_are_left_to_the_job(
    archive: Archive, market: Market, trading_time: datetime, symbol: str
) -> None:
    streamed, backfilled = f"A{symbol}", f"B{symbol}"
    day = trading_time.replace(hour=0, minute=0)
    await market.publish([trade_at(streamed, trading_time, 1)])
    await eventually(lambda: archive.rows(streamed, "1d"), lambda rows: day in rows)
    for name in (streamed, backfilled):
        await archive.publish([bar(name, day - timedelta(days=1), "7", "1d")])
    # Series have their turn in the order of their names.
    await eventually(lambda: archive.averages(backfilled), lambda found: len(found) == 1)
    assert archive.averages(streamed) == {}


def broken(good: Bar, **changes: object) -> bytes:
    """The bar as JSON with some fields changed."""
    fields: dict[str, object] = msgspec.json.decode(encode_bars([good]))[0]
    return msgspec.json.encode(fields | changes)


async def test_what_is_no_finished_bar_becomes_a_dead_letter_with_a_reason_and_stops_no_other(
    archive: Archive, market: Market, symbol: str
) -> None:
    good = bar(symbol, PAST)
    # Of a session that closes in an hour: a bar of this minute might be finished by the time that it is read.
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    unfinished = bar(symbol, today, interval="1d")
    close = clock_micros() + 3_600 * MICROSECONDS_PER_SECOND
    wrong = {
        b"3": "Expected `object`, got `int`",
        broken(good, symbol="a b"): "symbol must be",
        broken(good, source="x" * 65): "source must be",
        broken(good, interval="2m"): "Invalid enum value '2m'",
        broken(good, bucket_start=to_micros(PAST) + 1): "is not the beginning of a bar of 1m",
        broken(unfinished, session_end=close): "the bar is not finished",
        broken(good, interval="1d"): "is not the beginning of a bar of 1d",
        broken(good, interval="1d", bucket_start=to_micros(MIDNIGHT)): "midnight UTC of its trading_day",
        broken(good, trading_day="yesterday"): "trading_day must be a date",
        broken(good, low=9.5): "must lie between low 9.5 and high 8",
        broken(good, close=0): "close must be above zero",
        broken(good, volume=-1): "volume must be at least zero",
        broken(good, high=10**20): "high must be below",
        broken(good, trade_count=-1): "trade_count must not be negative",
        broken(
            good, bucket_start=to_micros(PAST + MINUTE), low=1e-19
        ): "refused the bar: new row for relation",
    }
    body = b"[" + b",".join([*wrong, broken(good)]) + b"]"
    message_id = await market.publish_message(BARS_QUEUE, body, str(uuid.uuid4()))
    letters = await market.dead_letters_of(message_id, len(wrong))
    await archive.rows_when(symbol, PAST, "7", "backfill")
    reasons = {letter.body: str(letter.headers["x-reason"]) for letter in letters}
    assert reasons.keys() == wrong.keys()
    assert [reasons[one] for one, said in wrong.items() if said not in reasons[one]] == []
    assert {letter.headers["x-source-queue"] for letter in letters} == {BARS_QUEUE}
    assert sorted(int(str(letter.headers["x-event-index"])) for letter in letters) == list(range(len(wrong)))


async def test_a_message_that_is_no_array_is_set_aside_whole(market: Market) -> None:
    message_id = await market.publish_message(BARS_QUEUE, b'{"bars": \xff', str(uuid.uuid4()))
    (letter,) = await market.dead_letters_of(message_id, 1)
    assert letter.body == b'{"bars": \xff'
    assert "no JSON array of bars" in str(letter.headers["x-reason"])
    assert "x-event-index" not in letter.headers


async def test_no_bar_is_lost_when_the_consumer_is_killed(
    archive: Archive, stack: RunningStack, symbol: str
) -> None:
    supervisor = Supervisor(Paths(stack.var_dir))
    count = 30
    for number in range(count):
        start = PAST + number * BARS_PER_MESSAGE * MINUTE
        await archive.publish(bar(symbol, start + offset * MINUTE) for offset in range(BARS_PER_MESSAGE))
        if number in {5, 20}:
            killed = supervisor.states()["bars"].pid
            if killed:
                os.kill(killed, signal.SIGKILL)
    rows = await eventually(lambda: archive.rows(symbol), lambda rows: len(rows) == count * BARS_PER_MESSAGE)
    assert {row.revision for row in rows.values()} == {1}
