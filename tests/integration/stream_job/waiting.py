"""Waiting for what the job is going to write, without guessing how long it takes."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

WAIT_SECONDS = 240.0


async def eventually(look: Callable[[], Seen], wanted: Callable[[Seen], bool]) -> Seen:
    """Look until what is seen is as wanted, and return it; fails with what was seen last."""
    seen = look()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not wanted(seen):
                await asyncio.sleep(0.05)
                seen = look()
    except TimeoutError:
        raise AssertionError(f"in vain; at last there was {seen!r}") from None
    return seen


async def until_equal(look: Callable[[], Seen], expected: Seen) -> None:
    """Look until what is seen is as expected; then pytest shows any difference that stays."""
    try:
        await eventually(look, lambda seen: seen == expected)
    except AssertionError:
        assert look() == expected
        raise
