"""Waiting for what a campaign is after, without guessing how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

WAIT_SECONDS = 300.0
POLL_SECONDS = 0.2


def until(look: Callable[[], Seen | None], what: str, seconds: float = WAIT_SECONDS) -> Seen:
    """Look until something true is seen, and return it; raises TimeoutError saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"in vain for {seconds:.0f} s: {what}")
        time.sleep(POLL_SECONDS)
    return seen
