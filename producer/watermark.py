"""The watermark of the running job, asked of Flink's REST API."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeVar

import httpx
import msgspec

from producer.errors import WatermarkPassedError
from producer.events import to_datetime

Answer = TypeVar("Answer")

JOB_NAME = "candlewick"
REQUEST_TIMEOUT_SECONDS = 5.0
REFRESH_SECONDS = 1.0
REFRESH_ATTEMPTS = 10
# The job corrects candles for events at most this late.
ALLOWED_LATENESS_MICROS = 600 * 1_000_000


class _Job(msgspec.Struct, frozen=True):
    jid: str
    name: str
    state: str


class _Jobs(msgspec.Struct, frozen=True):
    jobs: list[_Job]


class _Vertex(msgspec.Struct, frozen=True):
    id: str


class _JobDetail(msgspec.Struct, frozen=True):
    vertices: list[_Vertex]


class _Metric(msgspec.Struct, frozen=True):
    value: str


@dataclass(frozen=True)
class Watermark:
    """Where the job's event time stands (microseconds, UTC), or None and why that is not known."""

    time: int | None
    note: str


async def job_watermark(flink_url: str) -> Watermark:
    """Ask Flink for the watermark of the job; no Flink, no job and no watermark yet are no errors."""
    try:
        async with httpx.AsyncClient(base_url=flink_url, timeout=REQUEST_TIMEOUT_SECONDS) as flink:
            overview = await _get(flink, "/jobs/overview", _Jobs)
            running = (job for job in overview.jobs if job.name == JOB_NAME and job.state == "RUNNING")
            job = next(running, None)
            if job is None:
                return Watermark(None, f"no job {JOB_NAME!r} runs in Flink at {flink_url}")
            seen = await _fresh_watermarks(flink, job.jid)
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        why = str(error) or type(error).__name__
        return Watermark(None, f"Flink at {flink_url} does not answer ({why})")
    # Before the first event a watermark is Long.MIN_VALUE; what lies before the epoch is none.
    newest = max(seen, default=0) * 1_000
    if newest <= 0:
        return Watermark(None, "the job has no watermark yet")
    return Watermark(newest, f"the job's watermark is {_said(newest)}")


async def _fresh_watermarks(flink: httpx.AsyncClient, job: str) -> list[int]:
    """Return the watermarks of the job's subtasks, in milliseconds.

    Flink answers with the metrics that it fetched for an earlier question, or with none, and only then
    fetches new ones: the first answer does not count.
    """
    seen = await _watermarks(flink, job)
    for _ in range(REFRESH_ATTEMPTS):
        await asyncio.sleep(REFRESH_SECONDS)
        seen = await _watermarks(flink, job)
        if seen:
            break
    return seen


async def _watermarks(flink: httpx.AsyncClient, job: str) -> list[int]:
    detail = await _get(flink, f"/jobs/{job}", _JobDetail)
    metrics = []
    for vertex in detail.vertices:
        metrics += await _get(flink, f"/jobs/{job}/vertices/{vertex.id}/watermarks", list[_Metric])
    return [int(metric.value) for metric in metrics]


def refuse_if_behind(first_event_time: int, watermark: Watermark, *, shifted: bool) -> None:
    """Raise :class:`WatermarkPassedError` if a replay that begins at this time would be late.

    A shifted replay may begin up to the job's allowed lateness behind: its candles are still made.
    """
    if watermark.time is None:
        return
    tolerance = ALLOWED_LATENESS_MICROS if shifted else 0
    if first_event_time >= watermark.time - tolerance:
        return
    begin = (
        f"The recording begins at {_said(first_event_time)}, "
        f"behind the job's watermark of {_said(watermark.time)}"
    )
    if shifted:
        raise WatermarkPassedError(
            f"{begin}, although its times are shifted: it is too long for this speed. Replay it at --speed 1."
        )
    raise WatermarkPassedError(
        f"{begin}: every candle of it would come too late. Replay it into a stack that was started with "
        f"`FEEDS=none make up`, or with --shift-to-now."
    )


async def _get(flink: httpx.AsyncClient, path: str, kind: type[Answer]) -> Answer:
    response = await flink.get(path)
    response.raise_for_status()
    return msgspec.json.decode(response.content, type=kind)


def _said(micros: int) -> str:
    return to_datetime(micros).isoformat(sep=" ", timespec="milliseconds")
