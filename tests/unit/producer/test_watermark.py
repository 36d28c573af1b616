"""A replay behind the watermark is refused, with both times and the ways out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producer.errors import WatermarkPassedError
from producer.events import to_micros
from producer.watermark import ALLOWED_LATENESS_MICROS, Watermark, refuse_if_behind

WATERMARK = to_micros(datetime(2025, 3, 4, 12, 30, tzinfo=UTC))


def test_a_recording_behind_the_watermark_is_refused_with_both_times_and_both_ways_out() -> None:
    with pytest.raises(WatermarkPassedError) as refusal:
        refuse_if_behind(WATERMARK - 60_000_000, Watermark(WATERMARK, "known"), shifted=False)
    for part in ("2025-03-04 12:29:00", "2025-03-04 12:30:00", "FEEDS=none make up", "--shift-to-now"):
        assert part in str(refusal.value)


def test_a_recording_at_the_watermark_is_played() -> None:
    refuse_if_behind(WATERMARK, Watermark(WATERMARK, "known"), shifted=False)


def test_without_a_watermark_everything_is_played() -> None:
    refuse_if_behind(0, Watermark(None, "no job"), shifted=False)


def test_a_shifted_recording_may_begin_as_late_as_the_job_allows() -> None:
    watermark = Watermark(WATERMARK, "known")
    refuse_if_behind(WATERMARK - ALLOWED_LATENESS_MICROS, watermark, shifted=True)
    with pytest.raises(WatermarkPassedError, match="--speed 1"):
        refuse_if_behind(WATERMARK - ALLOWED_LATENESS_MICROS - 1, watermark, shifted=True)
