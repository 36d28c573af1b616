from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from producer.dead_letters.actions import Requeued, list_letters, requeue
from producer.dead_letters.errors import DeadLettersBusyError
from producer.dead_letters.selection import Selection
from producer.errors import BrokerUnavailableError
from producer.topology import BARS_QUEUE, Topology
from tests.integration.dead_letters.breaking import breaking_after
from tests.integration.dead_letters.market import TOPOLOGY, WAIT_SECONDS, Market, body_of, headers_of

EVERYTHING = Selection()


async def test_an_event_goes_back_alone_in_a_message_to_the_stream_it_came_from(market: Market) -> None:
    await market.reject(body_of(1), headers_of(1, x_source_queue="market.events.1", x_event_index=499))
    (letter,) = (await list_letters(market.address, EVERYTHING)).letters
    assert await requeue(market.address, TOPOLOGY, EVERYTHING) == Requeued(requeued=1, stranded=0)
    (message,) = await market.streamed(shard=1)
    assert message.body == b"[" + body_of(1) + b"]"
    assert message.message_id == letter.letter_id
    assert (message.content_type, message.delivery_mode) == ("application/json", 2)
    assert await market.letters_left() == 0
    assert await market.streamed(shard=0) == []


async def test_a_bar_goes_back_to_the_queue_of_bars(market: Market) -> None:
    await market.reject(b'{"close": 7}', headers_of(1, x_source_queue=BARS_QUEUE, x_source_offset=None))
    assert await requeue(market.address, TOPOLOGY, EVERYTHING) == Requeued(requeued=1, stranded=0)
    message = await (await market.channel.get_queue(BARS_QUEUE)).get()
    await message.ack()
    assert message.body == b'[{"close": 7}]'


async def test_a_whole_message_goes_back_as_it_was(market: Market) -> None:
    await market.reject(b'[{"price": ', headers_of(1, x_event_index=None))
    await requeue(market.address, TOPOLOGY, EVERYTHING)
    (message,) = await market.streamed()
    assert message.body == b'[{"price": '
    assert message.message_id != "batch-1"


async def test_only_what_matches_goes_back_and_the_rest_keeps_its_order(market: Market) -> None:
    await market.reject_events(10)
    selection = Selection(numbers=frozenset({2, 4, 99}))
    assert (await requeue(market.address, TOPOLOGY, selection)).requeued == 2
    assert [message.body for message in await market.streamed()] == [
        b"[" + body_of(1) + b"]",
        b"[" + body_of(3) + b"]",
    ]
    left = (await list_letters(market.address, EVERYTHING)).letters
    assert [letter.source_offset for letter in left] == [0, 2, 4, 5, 6, 7, 8, 9]


async def test_a_reason_chooses_what_goes_back(market: Market) -> None:
    await market.reject_events(3)
    await market.reject(body_of(3), headers_of(3, x_reason="symbol is too long"))
    assert (await requeue(market.address, TOPOLOGY, Selection(reason="Negative"))).requeued == 3
    assert await market.letters_left() == 1


async def test_many_go_back_in_order(market: Market) -> None:
    await market.reject_events(1_500)
    assert (await requeue(market.address, TOPOLOGY, EVERYTHING)).requeued == 1_500
    assert [message.body for message in await market.streamed()] == [
        b"[" + body_of(number) + b"]" for number in range(1_500)
    ]


@pytest.mark.parametrize("queue", ["market.dead-letters", "market.events.2", "elsewhere", None])
async def test_a_letter_from_no_configured_stream_stays(market: Market, queue: str | None) -> None:
    await market.reject(body_of(1), headers_of(1, x_source_queue=queue))
    assert await requeue(market.address, TOPOLOGY, EVERYTHING) == Requeued(requeued=0, stranded=1)
    assert await market.letters_left() == 1


async def test_a_letter_that_is_only_a_beginning_stays(market: Market) -> None:
    await market.reject(b'[{"price"', headers_of(1, x_event_index=None, x_truncated_from=50_000_000))
    assert await requeue(market.address, TOPOLOGY, EVERYTHING) == Requeued(requeued=0, stranded=1)
    assert await market.letters_left() == 1


async def test_a_letter_whose_stream_does_not_exist_stays_and_the_others_go(market: Market) -> None:
    await market.reject(body_of(1), headers_of(1, x_source_queue="market.events.2"))
    await market.reject(body_of(2), headers_of(2))
    wider = Topology(shards=3, retention_age="7D", retention_bytes=1_000_000_000)
    assert await requeue(market.address, wider, EVERYTHING) == Requeued(requeued=1, stranded=1)
    (left,) = (await list_letters(market.address, EVERYTHING)).letters
    assert left.source_offset == 1


@pytest.mark.parametrize("sent_bytes", [1_500, 10_000, 30_000])
async def test_a_crash_in_between_loses_no_event_and_doubles_only_under_the_same_id(
    market: Market, sent_bytes: int
) -> None:
    count = 300
    await market.reject_events(count)
    ids = {letter.letter_id for letter in (await list_letters(market.address, EVERYTHING)).letters}
    async with breaking_after(sent_bytes, market.address) as breaking:
        with pytest.raises(BrokerUnavailableError, match="Nothing is lost"):
            await requeue(breaking, TOPOLOGY, EVERYTHING)

    await _requeue_until_none_is_left(market, ids)

    streamed = await market.streamed()
    assert {message.message_id for message in streamed} == ids
    bodies = {(message.message_id, message.body) for message in streamed}
    assert len(bodies) == count
    assert max(Counter(message.message_id for message in streamed).values()) <= 2


async def _requeue_until_none_is_left(market: Market, ids: set[str]) -> None:
    """The broker notices the broken connection in its own time, and returns the letters then."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await market.letters_left() or not await _are_streamed(market, ids):
            with suppress(DeadLettersBusyError):
                await requeue(market.address, TOPOLOGY, EVERYTHING)


async def _are_streamed(market: Market, ids: set[str]) -> bool:
    return {message.message_id for message in await market.streamed()} >= ids
