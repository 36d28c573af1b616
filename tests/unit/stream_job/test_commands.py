"""An error of a command is one sentence, whoever runs it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.unit.stream_job.flink import Flink

ROOT = Path(__file__).parents[3]


def run(command: str, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stream_job", command],
        cwd=ROOT,
        env={**os.environ, "FLINK_HOST": "127.0.0.1", "FLINK_REST_PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_cluster_a_command_fails_with_one_sentence() -> None:
    result = run("stop", "1")
    assert result.returncode == 1
    assert result.stderr.startswith("stream_job: Flink at http://127.0.0.1:1 does not answer")
    assert result.stderr.count("\n") == 1


def test_to_stop_when_nothing_runs_is_no_error(flink: Flink) -> None:
    flink.has_jobs(a="FINISHED")
    result = run("stop", flink.url.rpartition(":")[2])
    assert (result.returncode, result.stdout) == (0, "no job runs\n")
