"""Waiting for something to become true, without guessing how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

WAIT_SECONDS = 90.0


async def until(condition: Callable[[], object], what: str) -> None:
    """Return as soon as the condition holds; fails with ``what`` when it never does."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"in vain: {what}") from None
