"""What waits for a client: always the newest, never more than what it follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from api.live.messages import Alert, Candle, Message, Pong, Tick, alert_message, candle_message, reply
from api.live.outbox import BATCH_BYTES, REPLIES, Outbox

MINUTE = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
SYMBOLS = ["A", "B", "C"]
LASTING = 3


def tick(symbol: str, number: int) -> Message:
    body = Tick(symbol, MINUTE, MINUTE, str(number), None, None, None, "trade", "venue")
    return Message(body, ("tick", symbol))


def candle(symbol: str, minute: int, revision: int, *, is_final: bool) -> Message:
    start = MINUTE + timedelta(minutes=minute)
    return candle_message(
        Candle(
            *(symbol, "1m", start, "1", "1", "1", "1", "0", None, 1),
            *(is_final, False, revision, "stream", "venue"),
        )
    )


def alert(number: int) -> Message:
    return alert_message(Alert(number, "A", MINUTE, "It crossed.", None))


def drained(outbox: Outbox) -> list[Message]:
    messages = []
    while batch := outbox.take():
        messages += batch
    return messages


puts = st.one_of(
    st.tuples(st.just("tick"), st.sampled_from(SYMBOLS)),
    st.tuples(st.just("candle"), st.sampled_from(SYMBOLS)),
    st.tuples(st.just("take"), st.just("")),
)


@given(st.lists(puts, max_size=60))
def test_whatever_a_client_takes_it_ends_with_the_newest_value_of_each_key(
    steps: list[tuple[str, str]],
) -> None:
    outbox = Outbox()
    newest: dict[object, Message] = {}
    got: dict[object, Message] = {}
    for number, (kind, symbol) in enumerate(steps):
        if kind == "take":
            got |= {message.key: message for message in outbox.take(batch_bytes=1)}
            continue
        message = tick(symbol, number) if kind == "tick" else candle(symbol, 0, number, is_final=False)
        newest[message.key] = message
        outbox.put(message)
        assert len(outbox) <= 2 * len(SYMBOLS)
    got |= {message.key: message for message in drained(outbox)}
    assert got == newest


@given(st.lists(st.tuples(st.sampled_from(SYMBOLS), st.integers(0, 5), st.booleans()), max_size=60))
def test_final_candles_that_are_not_dropped_are_delivered_and_more_than_fit_are_counted(
    changes: list[tuple[str, int, bool]],
) -> None:
    outbox = Outbox(LASTING)
    finals = {}
    for revision, (symbol, minute, is_final) in enumerate(changes):
        message = candle(symbol, minute, revision, is_final=is_final)
        outbox.put(message)
        if is_final:
            finals[message.key] = message
        assert len(outbox) <= LASTING + len(SYMBOLS)
    delivered = [message for message in drained(outbox) if message.lasting]
    assert len(delivered) <= LASTING
    assert all(finals[message.key] is message for message in delivered)
    assert outbox.dropped >= len(finals) - len(delivered)
    assert outbox.dropped or len(delivered) == len(finals)


def test_a_client_whose_alerts_were_dropped_is_told_how_many_before_the_next() -> None:
    outbox = Outbox(LASTING)
    for number in range(5):
        outbox.put(alert(number))
    told, *alerts = [msgspec.json.decode(message.json) for message in drained(outbox)]
    assert (told["type"], told["title"]) == ("error", "You are too slow")
    assert told["detail"].startswith("2 final candles or alerts were dropped")
    assert [alert["rule_id"] for alert in alerts] == [2, 3, 4]
    assert drained(outbox) == []


def test_a_final_candle_takes_away_its_unfinished_one_that_waits() -> None:
    outbox = Outbox()
    outbox.put(candle("A", 0, 2, is_final=False))
    final = candle("A", 0, 5, is_final=True)
    outbox.put(final)
    assert drained(outbox) == [final]


def test_a_corrected_final_candle_leaves_the_present_one_waiting() -> None:
    outbox = Outbox()
    present = candle("A", 1, 2, is_final=False)
    corrected = candle("A", 0, 7, is_final=True)
    outbox.put(present)
    outbox.put(corrected)
    assert drained(outbox) == [corrected, present]


def test_a_batch_ends_when_it_is_large_so_that_what_comes_later_is_the_newest_then() -> None:
    outbox = Outbox()
    for number in range(1_000):
        outbox.put(tick(f"S{number}", 0))
    first = outbox.take()
    size = sum(len(message.json) for message in first)
    assert BATCH_BYTES <= size < BATCH_BYTES + 300
    late = tick("S999", 1)
    outbox.put(late)
    assert [message for message in drained(outbox) if message.key == late.key] == [late]


def test_replies_come_first() -> None:
    outbox = Outbox()
    outbox.put(tick("A", 0))
    pong = reply(Pong(MINUTE))
    outbox.answer(pong)
    assert outbox.take()[0] is pong


def test_a_client_that_reads_no_replies_is_full_of_them() -> None:
    outbox = Outbox()
    for _ in range(REPLIES):
        assert not outbox.is_full_of_replies
        outbox.answer(reply(Pong(MINUTE)))
    assert outbox.is_full_of_replies
