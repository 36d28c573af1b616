"""The job's commands, as the supervisor and a person at the console run them."""

import subprocess
import sys

from ops.settings import REPOSITORY
from tests.integration.stream_job.cluster import Cluster
from tests.stack import RunningStack


async def test_a_second_submission_finds_the_job_that_runs(stack: RunningStack, cluster: Cluster) -> None:
    job = await cluster.next_job()
    submit = subprocess.run(
        [sys.executable, "-m", "stream_job", "submit"],
        cwd=REPOSITORY,
        env=stack.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert submit.stdout.strip() == job
    assert cluster.running_jobs() == [job]
