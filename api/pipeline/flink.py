"""The job, asked of Flink's REST API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx

from api.shapes.status import Job

JOB_NAME = "candlewick"
UNAVAILABLE = "unavailable"
WATERMARK = "currentOutputWatermark"
PENDING = "pendingRecords"
BAD_ANSWERS = (httpx.HTTPError, ValueError, KeyError, TypeError)


async def job_status(flink: httpx.AsyncClient) -> Job:
    """Return how the job is; no Flink and no job are no errors."""
    try:
        overview = (await _get(flink, "/jobs/overview"))["jobs"]
        jobs = [job for job in overview if job["name"] == JOB_NAME]
        if not jobs:
            return Job(UNAVAILABLE, f"Flink at {flink.base_url} has no job {JOB_NAME!r}")
        job = max(jobs, key=lambda one: (one["state"] == "RUNNING", one["start-time"]))
        return await _described(flink, job)
    except BAD_ANSWERS as error:
        why = str(error) or type(error).__name__
        return Job(UNAVAILABLE, f"Flink at {flink.base_url} does not answer as expected ({why})")


async def _described(flink: httpx.AsyncClient, job: dict[str, Any]) -> Job:
    path = f"/jobs/{job['jid']}"
    if job["state"] != "RUNNING":
        return Job(job["state"].lower(), f"the job {job['jid']} does not run")
    checkpoints, detail = await asyncio.gather(_get(flink, f"{path}/checkpoints"), _get(flink, path))
    sources = [vertex["id"] for vertex in detail["vertices"] if "Source:" in vertex["name"]]
    metrics = await asyncio.gather(*(_metrics(flink, f"{path}/vertices/{one}") for one in sources))
    pending = [int(value) for of_one in metrics for value in _values(of_one, PENDING)]
    # Before the first event a watermark lies before the epoch, and after the last one at the end of time.
    marks = [
        mark for of_one in metrics for value in _values(of_one, WATERMARK) if 0 < (mark := int(value)) < 2**50
    ]
    now = datetime.now(UTC)
    watermark = _time(min(marks)) if marks else None
    completed = checkpoints["latest"]["completed"]
    taken = _time(completed["latest_ack_timestamp"]) if completed else None
    return Job(
        state="running",
        restarts=checkpoints["counts"]["restored"],
        pending_messages=sum(pending) if pending else None,
        watermark=watermark,
        event_time_lag_seconds=(now - watermark).total_seconds() if watermark else None,
        last_checkpoint_at=taken,
        checkpoint_age_seconds=(now - taken).total_seconds() if taken else None,
        checkpoint_bytes=completed["state_size"] if completed else None,
    )


async def _metrics(flink: httpx.AsyncClient, vertex: str) -> list[dict[str, Any]]:
    """Return the metrics of a vertex's subtasks that we want, each with its `sum` or `min`.

    Flink has names of metrics only after somebody has asked, and answers without those that it has not.
    """
    path = f"{vertex}/subtasks/metrics"
    names = [
        one["id"] for one in await _get(flink, path) if one["id"].rpartition(".")[2] in (PENDING, WATERMARK)
    ]
    if not names:
        return []
    found: list[dict[str, Any]] = await _get(flink, path, get=",".join(names))
    return found


def _values(metrics: Iterable[dict[str, Any]], name: str) -> list[float]:
    kind = "sum" if name == PENDING else "min"
    return [one[kind] for one in metrics if one["id"].rpartition(".")[2] == name]


def _time(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


async def _get(flink: httpx.AsyncClient, path: str, **query: str) -> Any:
    answer = await flink.get(path, params=query)
    answer.raise_for_status()
    return answer.json()
