"""Which checkpoint or savepoint a job goes on from."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stream_job.restore_point import RestorePoint, newest

MakePoint = Callable[..., Path]


@pytest.fixture
def make_point(tmp_path: Path) -> MakePoint:
    """Makes the folder of a checkpoint or savepoint of this age."""

    def make(name: str, *, age_seconds: int, complete: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "state").touch()
        if complete:
            (folder / "_metadata").touch()
            os.utime(folder / "_metadata", (1_700_000_000 - age_seconds,) * 2)
        return folder

    return make


def newest_in(folder: Path) -> RestorePoint | None:
    return newest(folder / "checkpoints", folder / "savepoints")


def test_without_any_the_job_begins_with_the_streams(tmp_path: Path) -> None:
    assert newest_in(tmp_path) is None


def test_the_newest_checkpoint_of_any_job_is_taken_and_claimed(tmp_path: Path, make_point: MakePoint) -> None:
    make_point("checkpoints/job-1/chk-900", age_seconds=60)
    # Each job counts from where it was restored, and one that begins anew counts from 1.
    expected = make_point("checkpoints/job-2/chk-3", age_seconds=10)
    make_point("checkpoints/job-2/chk-2", age_seconds=20)
    point = newest_in(tmp_path)
    assert point == RestorePoint(expected, is_savepoint=False)
    assert point.claim_mode == "CLAIM"


def test_a_savepoint_that_is_newer_is_taken_and_left_to_its_owner(
    tmp_path: Path, make_point: MakePoint
) -> None:
    make_point("checkpoints/job-1/chk-9", age_seconds=20)
    expected = make_point("savepoints/savepoint-job-1", age_seconds=10)
    point = newest_in(tmp_path)
    assert point == RestorePoint(expected, is_savepoint=True)
    assert point.claim_mode == "NO_CLAIM"


def test_a_checkpoint_that_is_newer_than_a_savepoint_is_taken(tmp_path: Path, make_point: MakePoint) -> None:
    make_point("savepoints/savepoint-job-1", age_seconds=20)
    expected = make_point("checkpoints/job-2/chk-1", age_seconds=10)
    assert newest_in(tmp_path) == RestorePoint(expected, is_savepoint=False)


def test_what_was_not_written_to_its_end_does_not_count(tmp_path: Path, make_point: MakePoint) -> None:
    expected = make_point("checkpoints/job-1/chk-8", age_seconds=20)
    make_point("checkpoints/job-1/chk-9", age_seconds=10, complete=False)
    make_point("savepoints/savepoint-job-1", age_seconds=0, complete=False)
    (tmp_path / "checkpoints/job-1/shared").mkdir()
    assert newest_in(tmp_path) == RestorePoint(expected, is_savepoint=False)
