"""Commands that go wrong say so in one sentence, and leave nothing running."""

import socket

from tests.stack import RunningStack


def test_a_taken_port_is_said_before_anything_is_started(unstarted: RunningStack) -> None:
    port = int(unstarted.env["PRODUCER_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        result = unstarted.ops("up", seconds=120)
    assert result.returncode == 1
    assert f"port {port}, which producer needs, is taken by" in result.stdout
    assert "set PRODUCER_PORT in .env to a free port" in result.stdout
    assert "Traceback" not in result.stdout
    assert not (unstarted.var_dir / "postgres").exists()


def test_a_setting_that_is_no_port_is_named(unstarted: RunningStack) -> None:
    unstarted.env_file.write_text(
        unstarted.env_file.read_text().replace("FLINK_REST_PORT=", "FLINK_REST_PORT=many")
    )
    result = unstarted.ops("up", seconds=120)
    assert result.returncode == 1
    assert "FLINK_REST_PORT" in result.stdout
    assert "Traceback" not in result.stdout


def test_the_status_of_a_stack_that_does_not_run_says_how_to_start_it(unstarted: RunningStack) -> None:
    result = unstarted.ops("status", seconds=60)
    assert result.returncode == 1
    assert "make up" in result.stdout


def test_a_stack_without_an_env_file_has_never_been_started(unstarted: RunningStack) -> None:
    unstarted.env_file.unlink()
    result = unstarted.ops("status", seconds=60)
    assert result.returncode == 1
    assert "nothing has been started yet, 'make up' does" in result.stdout


def test_down_of_a_stack_that_does_not_run_is_no_error(unstarted: RunningStack) -> None:
    result = unstarted.ops("down", seconds=60)
    assert result.returncode == 0, result.stdout


def test_an_upgrade_of_a_stack_that_does_not_run_says_how_to_start_it(unstarted: RunningStack) -> None:
    result = unstarted.ops("upgrade", seconds=60)
    assert result.returncode == 1
    assert "Candlewick is not running" in result.stdout
    assert "'make up' migrates and starts it" in result.stdout


def test_the_log_of_an_unknown_program_names_those_that_there_are(stack: RunningStack) -> None:
    result = stack.ops("logs", "nonsense", seconds=60)
    assert result.returncode == 1
    assert "there is no log of nonsense" in result.stdout
    assert "producer" in result.stdout
