"""What the job cannot use goes to the dead letters, and takes nothing else with it."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from producer.events import clock_micros, encode_events
from tests.integration.stream_job.generated import MINUTE, trades
from tests.integration.stream_job.market import Market, snapshots_of
from tests.integration.stream_job.reference import candles_of
from tests.integration.stream_job.waiting import until_equal


async def test_one_bad_event_of_ten_is_put_aside_and_the_other_nine_count(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    events = trades(symbol, trading_time, minutes=1, per_minute=10)
    rows = [event.strip("{}") for event in encode_events(events).decode().strip("[]").split("},{")]
    bad = rows[4].replace('"price":', '"price":-')
    body = ",".join(f"{{{row}}}" for row in [*rows[:4], bad, *rows[5:]])
    earliest = clock_micros()
    message_id = await market.publish_message(market.queue_of(symbol), f"[{body}]".encode())
    await market.pass_time(trading_time + MINUTE)

    good = events[:4] + events[5:]
    await market.expect_candles(candles_of(good, tmp_path, partial={trading_time}))
    await until_equal(lambda: market.snapshots(symbol), snapshots_of(good))
    (letter,) = await market.dead_letters_of(message_id, 1)
    assert letter.body == f"{{{bad}}}".encode()
    assert str(letter.headers["x-reason"]).startswith("price is -")
    assert letter.headers["x-event-index"] == 4
    assert letter.headers["x-source-queue"] == market.queue_of(symbol)
    rejected_at = letter.headers["x-rejected-at"]
    assert isinstance(rejected_at, int)
    assert earliest <= rejected_at <= clock_micros()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"BTC-USD 61034.5", "Unrecognized token"),
        (b'{"kind": "trade"}', "The message is not a JSON array of events."),
        (b"[]", "The message holds no event."),
    ],
    ids=["no JSON", "no array", "empty"],
)
async def test_a_message_that_is_no_array_of_events_is_put_aside_whole(
    market: Market, symbol: str, body: bytes, reason: str
) -> None:
    message_id = await market.publish_message(market.queue_of(symbol), body)
    (letter,) = await market.dead_letters_of(message_id, 1)
    assert letter.body == body
    assert reason in str(letter.headers["x-reason"])
    assert "x-event-index" not in letter.headers
    assert isinstance(letter.headers["x-source-offset"], int)


async def test_no_event_counts_of_a_message_that_is_cut_off(
    market: Market, trading_time: datetime, symbol: str, tmp_path: Path
) -> None:
    cut_off, whole = (trades(symbol, trading_time, minutes=1, per_minute=10, seed=seed) for seed in (1, 2))
    queue, body = market.queue_of(symbol), encode_events(cut_off)
    message_id = await market.publish_message(queue, body[:-100])
    await market.publish(whole)
    await market.pass_time(trading_time + MINUTE)
    await market.expect_candles(candles_of(whole, tmp_path, partial={trading_time}))
    (letter,) = await market.dead_letters_of(message_id, 1)
    assert letter.body == body[:-100]
    with pytest.raises(json.JSONDecodeError):
        json.loads(letter.body)
