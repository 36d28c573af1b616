"""A job: what it is, when it is due, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from apscheduler.triggers.base import BaseTrigger

JobStatus = Literal["running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class Job:
    """``work`` does it and returns a sentence on what came of it; raises :class:`ProducerError` in vain."""

    name: str
    description: str
    trigger: BaseTrigger
    work: Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class JobState:
    """What PostgreSQL remembers of a job; ``detail`` is its last sentence.

    Whatever was due up to ``handled_until`` is dealt with: done, or given up when the job was paused.
    """

    is_paused: bool
    handled_until: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    status: JobStatus | None = None
    detail: str | None = None
