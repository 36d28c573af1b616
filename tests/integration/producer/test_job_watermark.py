"""What Flink's REST API says of the watermark, and when it does not know.

The answers are in the words of Flink 2.3; the refusal by a real job is in test_replay.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from producer import watermark
from producer.watermark import job_watermark
from tests.integration.producer.json_server import JsonServer

MILLIS = 1_700_000_000_000
NO_WATERMARK = -(2**63)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermark, "REFRESH_SECONDS", 0.0)


def flink(values: list[int], *, unasked: int = 0, state: str = "RUNNING") -> Callable[[str], object | None]:
    """Answer as a cluster with one job does; so many first questions for a watermark bring none."""
    questions = 0

    def answer(path: str) -> object | None:
        nonlocal questions
        match path.strip("/").split("/"):
            case ["jobs", "overview"]:
                other = {"jid": "0", "name": "another", "state": "RUNNING"}
                return {"jobs": [other, {"jid": "1", "name": "candlewick", "state": state, "tasks": {}}]}
            case ["jobs", "1"]:
                return {"jid": "1", "vertices": [{"id": "source"}, {"id": "candles"}]}
            case ["jobs", "1", "vertices", "source", "watermarks"]:
                return []
            case ["jobs", "1", "vertices", "candles", "watermarks"]:
                questions += 1
                if questions <= unasked:
                    return []
                return [
                    {"id": f"{index}.currentInputWatermark", "value": str(value)}
                    for index, value in enumerate(values)
                ]
            case _:
                return None

    return answer


async def test_the_watermark_is_the_newest_of_any_subtask() -> None:
    async with JsonServer(flink([MILLIS - 5, MILLIS])) as server:
        assert (await job_watermark(server.url)).time == MILLIS * 1_000


async def test_a_cluster_that_has_not_fetched_its_metrics_yet_is_asked_again() -> None:
    async with JsonServer(flink([MILLIS], unasked=4)) as server:
        assert (await job_watermark(server.url)).time == MILLIS * 1_000


async def test_a_job_before_its_first_event_has_no_watermark() -> None:
    async with JsonServer(flink([NO_WATERMARK, NO_WATERMARK])) as server:
        found = await job_watermark(server.url)
        assert (found.time, found.note) == (None, "the job has no watermark yet")


async def test_a_job_that_does_not_run_is_none() -> None:
    async with JsonServer(flink([MILLIS], state="CANCELED")) as server:
        found = await job_watermark(server.url)
        assert found.time is None
        assert "no job 'candlewick' runs" in found.note


async def test_a_cluster_that_is_away_is_no_error() -> None:
    found = await job_watermark("http://127.0.0.1:1")
    assert found.time is None
    assert "does not answer" in found.note
