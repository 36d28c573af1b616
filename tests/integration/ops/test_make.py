"""What the README says of `make`, typed as it stands there."""

import os
import signal
import subprocess
from pathlib import Path

from ops.settings import REPOSITORY
from tests.stack import RunningStack


def test_status_shows_each_program_of_a_running_stack(stack: RunningStack) -> None:
    result = stack.make("status")
    assert result.returncode == 0, result.stdout
    assert stack.producer_url in result.stdout


def test_logs_follow_the_log_of_one_program(stack: RunningStack) -> None:
    with subprocess.Popen(
        ["make", "logs", "PROGRAM=retention"],
        cwd=REPOSITORY,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as logs:
        assert logs.stdout is not None
        assert any("Nothing to drop" in line for line in logs.stdout)
        os.killpg(logs.pid, signal.SIGTERM)


def test_down_of_a_stack_that_does_not_run_says_so(unstarted: RunningStack) -> None:
    result = unstarted.make("down")
    assert (result.returncode, result.stdout) == (0, "Candlewick is not running\n")


def test_reset_asks_before_it_deletes(unstarted: RunningStack) -> None:
    data = a_file_of_postgres(unstarted)
    result = unstarted.make("reset", answer="n\n")
    assert result.returncode != 0
    assert f"Delete all data in {unstarted.var_dir}?" in result.stdout
    assert data.exists()


def test_reset_deletes_the_data_and_keeps_the_settings(unstarted: RunningStack) -> None:
    data = a_file_of_postgres(unstarted)
    result = unstarted.make("reset", answer="y\n")
    assert result.returncode == 0, result.stdout
    assert not data.exists()
    assert unstarted.env_file.exists()


def test_reset_with_force_does_not_ask(unstarted: RunningStack) -> None:
    data = a_file_of_postgres(unstarted)
    result = unstarted.make("reset", "FORCE=1")
    assert (result.returncode, result.stdout) == (0, "Candlewick is not running\nThe data is deleted\n")
    assert not data.exists()


def a_file_of_postgres(stack: RunningStack) -> Path:
    file = stack.var_dir / "postgres/data/PG_VERSION"
    file.parent.mkdir(parents=True)
    file.touch()
    return file
