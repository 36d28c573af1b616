from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from producer.dead_letters.errors import SelectionError
from producer.dead_letters.letter import DeadLetter
from producer.dead_letters.selection import Selection, numbers_and_ids, source_queue_of

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
MICROS = 1_000_000


def letter(number: int = 1, **headers: Any) -> DeadLetter:
    named = {f"x-{name.replace('_', '-')}": value for name, value in headers.items()}
    return DeadLetter.read(number, named, b"{}", "own-id")


def test_without_conditions_every_letter_is_selected() -> None:
    assert letter() in Selection()
    assert Selection().is_everything


def test_a_reason_is_found_anywhere_in_any_case() -> None:
    selection = Selection(reason="PRICE")
    assert letter(reason="the price is negative") in selection
    assert letter(reason="the size is negative") not in selection
    assert letter() not in selection


def test_a_letter_is_named_by_its_number_or_any_of_its_ids() -> None:
    named = letter(4, original_message_id="batch")
    for selection in (
        Selection(numbers=frozenset({4})),
        Selection(ids=frozenset({named.letter_id})),
        Selection(ids=frozenset({"own-id"})),
        Selection(ids=frozenset({"batch"})),
        Selection(numbers=frozenset({9}), ids=frozenset({"batch"})),
    ):
        assert named in selection
    assert named not in Selection(numbers=frozenset({5}), ids=frozenset({"another"}))


def test_all_conditions_must_hold() -> None:
    selection = Selection(numbers=frozenset({1, 2}), reason="price", source_queue="market.events.0")
    assert letter(1, reason="price", source_queue="market.events.0") in selection
    assert letter(1, reason="price", source_queue="market.events.1") not in selection
    assert letter(1, reason="size", source_queue="market.events.0") not in selection
    assert letter(3, reason="price", source_queue="market.events.0") not in selection


def test_an_age_selects_what_was_rejected_before() -> None:
    selection = Selection(rejected_before=NOON)
    noon_micros = int(NOON.timestamp()) * MICROS
    assert letter(rejected_at=noon_micros - 1) in selection
    assert letter(rejected_at=noon_micros) not in selection


def test_an_age_never_selects_a_letter_of_unknown_age() -> None:
    assert letter() not in Selection(rejected_before=NOON)


def test_digits_are_numbers_and_the_rest_are_ids() -> None:
    assert numbers_and_ids(["3", "12", "dl-00ff", "3f"]) == (frozenset({3, 12}), frozenset({"dl-00ff", "3f"}))


def test_number_zero_is_refused() -> None:
    with pytest.raises(SelectionError, match="number 1"):
        numbers_and_ids(["0"])


def test_a_shard_is_given_by_number_or_by_name() -> None:
    assert source_queue_of("2") == source_queue_of("market.events.2") == "market.events.2"
