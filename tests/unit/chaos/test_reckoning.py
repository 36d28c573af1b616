"""The reckoning sees each way in which a table can be wrong, and none where it is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.chaos.reckoning import Tally, WrittenCandle, tally_candles, tally_snapshots
from tests.integration.stream_job.market import Snapshot
from tests.integration.stream_job.reference import Candle

MOMENT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ROWS: list[Snapshot] = [
    (f"chaos:A:{n}", MOMENT + timedelta(seconds=n), Decimal(100 + n), Decimal(1), "2026-03-02")
    for n in range(5)
]
CANDLE = Candle(
    "A",
    MOMENT,
    "chaos",
    open=Decimal(100),
    high=Decimal(104),
    low=Decimal(100),
    close=Decimal(104),
    volume=Decimal(5),
    vwap=Decimal(102),
    trade_count=5,
)
CANDLES = [WrittenCandle.of_trades(replace(CANDLE, symbol=symbol)) for symbol in "ABC"]


def counts(tally: Tally) -> tuple[int, int, int]:
    return tally.lost, tally.duplicated, tally.unexpected


def changed(change: Callable[[Candle], Candle]) -> list[WrittenCandle]:
    return [replace(CANDLES[0], candle=change(CANDLES[0].candle)), *CANDLES[1:]]


def test_what_was_published_and_nothing_else_is_clean() -> None:
    assert tally_snapshots(ROWS, ROWS[::-1]).is_clean
    assert tally_candles("1m", CANDLES, CANDLES[::-1]).is_clean


def test_a_missing_event_is_lost() -> None:
    assert counts(tally_snapshots(ROWS, ROWS[1:])) == (1, 0, 0)


def test_an_event_that_is_there_three_times_is_duplicated_twice() -> None:
    assert counts(tally_snapshots(ROWS, [*ROWS, ROWS[0], ROWS[0]])) == (0, 2, 0)


def test_an_event_of_other_content_is_unexpected() -> None:
    event_id, moment, price, _, day = ROWS[0]
    assert counts(tally_snapshots(ROWS, [(event_id, moment, price, Decimal(2), day), *ROWS[1:]])) == (0, 0, 1)


def test_an_event_that_nobody_published_is_unexpected() -> None:
    assert counts(tally_snapshots(ROWS[1:], ROWS)) == (0, 0, 1)


def test_a_missing_candle_is_lost() -> None:
    assert counts(tally_candles("1m", CANDLES, CANDLES[1:])) == (1, 0, 0)


def test_a_candle_of_too_many_trades_holds_duplicates() -> None:
    found = changed(lambda candle: replace(candle, trade_count=6, volume=Decimal(6)))
    assert counts(tally_candles("1m", CANDLES, found)) == (0, 1, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"open": Decimal(101)},
        {"high": Decimal(105)},
        {"low": Decimal(99)},
        {"close": Decimal("103.999999999999999999")},
        {"volume": Decimal("5.00000001")},
        {"vwap": Decimal(103)},
        {"trade_count": 4},
        {"is_final": False},
        {"is_partial": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_candle_that_differs_in_any_column_is_unexpected(change: dict[str, object]) -> None:
    found = changed(lambda candle: replace(candle, **change))  # type: ignore[arg-type]
    assert counts(tally_candles("1m", CANDLES, found)) == (0, 0, 1)


def test_a_candle_of_another_revision_than_its_events_come_to_is_unexpected() -> None:
    found = [replace(CANDLES[0], revision=CANDLES[0].revision + 2), *CANDLES[1:]]
    assert counts(tally_candles("1m", CANDLES, found)) == (0, 0, 1)


def test_a_candle_that_nobody_expects_is_unexpected() -> None:
    assert counts(tally_candles("1m", CANDLES[1:], CANDLES)) == (0, 0, 1)


def test_tallies_of_one_table_add_up() -> None:
    total = tally_snapshots(ROWS, ROWS[1:]) + tally_snapshots(ROWS, [*ROWS, ROWS[0]])
    assert (total.expected, *counts(total)) == (10, 1, 1, 0)
    assert len(total.examples) == 2
