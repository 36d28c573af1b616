"""Ending a task for certain."""

from __future__ import annotations

import asyncio

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
