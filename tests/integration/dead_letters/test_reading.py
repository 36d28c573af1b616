from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from producer.dead_letters.actions import list_letters, open_letters
from producer.dead_letters.broker import exclusive_connection
from producer.dead_letters.errors import DeadLettersBusyError, DeadLettersMissingError
from producer.dead_letters.letter import DELIVERY_COUNT
from producer.dead_letters.moving import LOOKS_BEFORE_RENEWAL
from producer.dead_letters.reading import LETTERS_PER_CONSUMER, reading
from producer.dead_letters.selection import Selection
from producer.errors import BrokerUnavailableError
from producer.topology import DEAD_LETTERS_QUEUE
from tests.integration.dead_letters.breaking import breaking_after
from tests.integration.dead_letters.market import WAIT_SECONDS, Market, body_of, headers_of

EVERYTHING = Selection()


async def offsets(market: Market, limit: int | None = None) -> list[int | None]:
    listing = await list_letters(market.address, EVERYTHING, limit)
    return [letter.source_offset for letter in listing.letters]


async def test_a_list_is_in_order_and_leaves_every_letter_where_it_was(market: Market) -> None:
    count = 2 * LETTERS_PER_CONSUMER + 7
    await market.reject_events(count)
    for _ in range(3):
        assert await offsets(market) == list(range(count))
    assert await market.letters_left() == count


async def test_a_limited_list_takes_the_oldest_and_counts_them_all(market: Market) -> None:
    await market.reject_events(20)
    listing = await list_letters(market.address, EVERYTHING, 3)
    assert [letter.number for letter in listing.letters] == [1, 2, 3]
    assert listing.total == 20
    await list_letters(market.address, EVERYTHING, 5)
    assert await offsets(market) == list(range(20))


async def test_a_list_is_filtered_by_shard_and_reason(market: Market) -> None:
    await market.reject(b"", headers_of(0, x_source_queue="market.events.1"))
    await market.reject(b"", headers_of(1, x_source_queue="market.events.1", x_reason="a time in 2200"))
    await market.reject(b"", headers_of(2, x_reason="a time in 2200"))
    selection = Selection(source_queue="market.events.1", reason="2200")
    listing = await list_letters(market.address, selection)
    assert [(letter.number, letter.source_offset) for letter in listing.letters] == [(2, 1)]


async def test_an_empty_queue_is_an_empty_list(market: Market) -> None:
    assert await offsets(market) == []


async def test_an_opened_letter_has_all_its_headers_and_its_body(market: Market) -> None:
    await market.reject_events(2)
    await market.reject(b"\xff not json", headers_of(2, x_note="more"), "own-id")
    (opened,) = await open_letters(market.address, Selection(numbers=frozenset({3})))
    assert opened.body == b"\xff not json"
    assert opened.headers == headers_of(2, x_note="more")
    assert opened.letter.message_id == "own-id"


@pytest.mark.parametrize("by", ["letter_id", "message_id", "original_message_id"])
async def test_a_letter_is_found_by_each_of_its_ids(market: Market, by: str) -> None:
    await market.reject_events(2)
    await market.reject(body_of(2), headers_of(2), "own-id")
    wanted = (await list_letters(market.address, EVERYTHING)).letters[2]
    found = await open_letters(market.address, Selection(ids=frozenset({getattr(wanted, by)})))
    assert [opened.body for opened in found] == [body_of(2)]


async def test_no_delivery_limit_makes_looking_lose_a_letter(
    market: Market, vhost: tuple[str, httpx.AsyncClient]
) -> None:
    name, admin = vhost
    limit = {"pattern": f"^{DEAD_LETTERS_QUEUE}$", "definition": {"delivery-limit": 20}, "apply-to": "queues"}
    (await admin.put(f"/policies/{name}/limit", json=limit)).raise_for_status()
    await market.reject_events(30)
    for _ in range(3 * LOOKS_BEFORE_RENEWAL):
        assert await offsets(market) == list(range(30))


async def test_a_renewed_letter_is_the_same_letter(market: Market) -> None:
    await market.reject(b"{", headers_of(1, x_note="more"), "own-id")
    (first,) = await open_letters(market.address, EVERYTHING)
    for _ in range(LOOKS_BEFORE_RENEWAL):
        await list_letters(market.address, EVERYTHING)
    (renewed,) = await open_letters(market.address, EVERYTHING)
    assert renewed.letter.looks < LOOKS_BEFORE_RENEWAL
    assert replace(renewed.letter, looks=0) == first.letter
    assert renewed.body == first.body
    assert renewed.headers.keys() - first.headers.keys() <= {DELIVERY_COUNT}


async def test_a_second_reader_is_kept_out(market: Market) -> None:
    async with exclusive_connection(market.address):
        with pytest.raises(DeadLettersBusyError, match="Another dead_letters command"):
            await list_letters(market.address, EVERYTHING)


async def test_a_reader_whose_connection_breaks_loses_nothing(market: Market) -> None:
    count = 5 * LETTERS_PER_CONSUMER
    await market.reject_events(count)
    async with breaking_after(1_500, market.address) as breaking:
        with pytest.raises(BrokerUnavailableError, match="Nothing is lost"):
            await list_letters(breaking, EVERYTHING)
    async with asyncio.timeout(WAIT_SECONDS):
        while await market.letters_left() < count or not await is_free(market):
            await asyncio.sleep(0.05)
    assert sorted(offset or 0 for offset in await offsets(market)) == list(range(count))


async def is_free(market: Market) -> bool:
    """Whether the broker has forgotten who read, too: of a lost connection it returns the letters first."""
    try:
        async with exclusive_connection(market.address):
            return True
    except DeadLettersBusyError:
        return False


async def test_letters_that_arrive_meanwhile_queue_up_behind(market: Market) -> None:
    await market.reject_events(3)
    async with exclusive_connection(market.address) as connection, reading(connection) as letters:
        taken = [taken async for taken in letters]
        await market.reject(body_of(3), headers_of(3))
    assert len(taken) == 3
    assert await offsets(market) == [0, 1, 2, 3]


async def test_a_missing_queue_is_said_in_a_sentence(market: Market) -> None:
    await market.channel.queue_delete(DEAD_LETTERS_QUEUE)
    with pytest.raises(DeadLettersMissingError, match="the producer declares it"):
        await list_letters(market.address, EVERYTHING)
