"""Processes that die, and jobs that end, in the middle of a stream: nothing is lost, nothing counts twice."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from ops.settings import REPOSITORY
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.tape import Tape
from tests.stack import RunningStack

# The cluster starts anew, on a machine that may have much else to do.
pytestmark = pytest.mark.timeout(600)


async def test_a_kill_in_the_middle_of_a_stream_changes_nothing(
    tape: Tape, cluster: Cluster, tmp_path: Path
) -> None:
    await tape.play(1)
    await tape.is_read(1)
    playing = asyncio.create_task(tape.play(2))
    await tape.is_read(2)
    cluster.kill("TaskManagerRunner")
    await playing
    await tape.play(3)
    await tape.counts_once(tmp_path)


@pytest.mark.parametrize("how", ["it is cancelled", "the whole cluster is killed"])
async def test_a_job_that_is_gone_goes_on_from_its_newest_checkpoint(
    tape: Tape, cluster: Cluster, how: str, tmp_path: Path
) -> None:
    job = await cluster.next_job()
    await tape.play(1)
    await tape.is_read(1)
    number = await cluster.checkpoint(job)
    await tape.play(2)
    if how == "it is cancelled":
        cluster.cancel(job)
    else:
        cluster.kill("TaskManagerRunner")
        cluster.kill("StandaloneSessionClusterEntrypoint")
    await tape.play(3)
    successor = await cluster.next_job(job)
    await tape.counts_once(tmp_path)
    restored = cluster.restored_from(successor)
    assert restored.parent.name == job
    assert int(restored.name.removeprefix("chk-")) >= number


async def test_a_stopped_job_goes_on_from_its_savepoint(
    tape: Tape, cluster: Cluster, stack: RunningStack, tmp_path: Path
) -> None:
    job = await cluster.next_job()
    await tape.play(1)
    await tape.is_read(1)
    playing = asyncio.create_task(tape.play(2))
    stop = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stream_job", "stop"),
        cwd=REPOSITORY,
        env=stack.environment,
        stdout=subprocess.PIPE,
    )
    printed, _ = await stop.communicate()
    savepoint = Path(printed.decode().strip().removeprefix("file:"))
    assert (savepoint / "_metadata").is_file()
    await playing
    await tape.play(3)
    successor = await cluster.next_job(job)
    assert cluster.restored_from(successor) == savepoint
    await tape.counts_once(tmp_path)


async def test_up_takes_the_job_over_into_other_settings_by_a_savepoint(
    tape: Tape, cluster: Cluster, stack: RunningStack, tmp_path: Path
) -> None:
    job = await cluster.next_job()
    await tape.play(1)
    settings = stack.env_file.read_text()
    assert "\nJOB_IDLENESS_SECONDS=30\n" in settings
    stack.env_file.write_text(settings.replace("JOB_IDLENESS_SECONDS=30", "JOB_IDLENESS_SECONDS=31"))
    result = await asyncio.to_thread(stack.ops, "up")
    assert result.returncode == 0, result.stdout
    assert "changed, so restarted: stream-job\n" in result.stdout
    await tape.play(2)
    await tape.play(3)
    successor = await cluster.next_job(job)
    assert cluster.restored_from(successor).parent == stack.var_dir / "flink" / "savepoints"
    await tape.counts_once(tmp_path)
