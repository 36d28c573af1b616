"""Ending a task for certain, and what it still does then."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

CANCEL_AGAIN_SECONDS = 1.0


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and return once it has ended, however it ends.

    One cancel may be lost: where the connection breaks at the same moment, closing a channel raises
    that fault in place of ``CancelledError``, and a retry around it takes the fault for one more to
    wait out. So a task that goes on is cancelled again.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_SECONDS)


async def finished(work: Coroutine[Any, Any, None]) -> None:
    """Do some work to its end, also where the task that does it is cancelled meanwhile: after that it is.

    For what a cancelled task writes down, which may take longer than the wait before the next cancel.
    """
    doing = asyncio.create_task(work)
    is_cancelled = False
    while not doing.done():
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError
    await doing
