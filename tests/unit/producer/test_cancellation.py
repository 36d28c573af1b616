"""Tasks end when they are told to, also those that miss the first telling."""

from __future__ import annotations

import asyncio

import pytest

from producer.cancellation import cancelled


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


async def _forever() -> None:
    await asyncio.Event().wait()
