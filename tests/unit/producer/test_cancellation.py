"""Tasks end when they are told to, also those that miss the first telling."""

from __future__ import annotations

import asyncio

import pytest

from producer.cancellation import cancelled, finished


async def test_a_task_is_cancelled() -> None:
    task = asyncio.create_task(_forever())
    await asyncio.sleep(0)
    await cancelled(task)
    assert task.cancelled()


async def test_a_task_whose_cleanup_fails_inside_a_retry_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("producer.cancellation.CANCEL_AGAIN_SECONDS", 0.01)
    attempts = 0

    async def retrying() -> None:
        nonlocal attempts
        while True:
            attempts += 1
            try:
                try:
                    await _forever()
                finally:
                    if attempts == 1:
                        raise ConnectionError("the channel could not be closed")
            except ConnectionError:
                continue

    task = asyncio.create_task(retrying())
    await asyncio.sleep(0)
    await cancelled(task)
    assert task.cancelled()
    assert attempts == 2


async def test_a_task_that_ends_with_an_error_has_ended() -> None:
    async def failing() -> None:
        try:
            await _forever()
        finally:
            raise ValueError("in cleanup")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await cancelled(task)
    assert isinstance(task.exception(), ValueError)


async def test_what_a_cancelled_task_has_to_finish_is_finished_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("producer.cancellation.CANCEL_AGAIN_SECONDS", 0.01)
    written: list[str] = []

    async def write() -> None:
        while task.cancelling() < 3:
            await asyncio.sleep(0.01)
        written.append("cancelled")

    async def working() -> None:
        try:
            await _forever()
        except asyncio.CancelledError:
            await finished(write())
            raise

    task = asyncio.create_task(working())
    await asyncio.sleep(0)
    await cancelled(task)
    assert task.cancelled()
    assert written == ["cancelled"]


async def test_work_that_nobody_cancels_is_done_or_fails_as_it_does() -> None:
    async def failing() -> None:
        raise ValueError("no room")

    await finished(asyncio.sleep(0))
    with pytest.raises(ValueError, match="no room"):
        await finished(failing())


async def _forever() -> None:
    await asyncio.Event().wait()
