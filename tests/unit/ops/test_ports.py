"""A port that is taken is said in one sentence with the way out."""

import os
import socket
from collections.abc import Iterator

import pytest

from ops import ports
from ops.errors import OpsError
from ops.ports import Port
from tests.stack import free_ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free() -> int:
    return free_ports(1)[0]


def test_a_taken_port_is_named_with_its_setting_and_its_holder(taken: int) -> None:
    with pytest.raises(OpsError) as failure:
        ports.check([Port("PRODUCER_PORT", taken, "producer")], {})
    sentence = str(failure.value)
    assert f"port {taken}, which producer needs, is taken by" in sentence
    assert f"(pid {os.getpid()})" in sentence
    assert "set PRODUCER_PORT in .env to a free port" in sentence


def test_a_port_that_our_own_running_program_holds_is_fine(taken: int) -> None:
    ports.check([Port("PRODUCER_PORT", taken, "producer")], {"producer": True})


def test_a_program_of_ours_that_does_not_run_holds_nothing(taken: int) -> None:
    with pytest.raises(OpsError, match="is taken by"):
        ports.check([Port("PRODUCER_PORT", taken, "producer")], {"producer": False, "superset": True})


def test_one_port_for_two_programs_is_refused(free: int) -> None:
    with pytest.raises(OpsError, match=f"SUPERSET_PORT and PRODUCER_PORT are both {free}"):
        ports.check([Port("SUPERSET_PORT", free, "superset"), Port("PRODUCER_PORT", free, "producer")], {})


def test_a_free_port_is_fine(free: int) -> None:
    ports.check([Port("PRODUCER_PORT", free, "producer")], {})


def test_nobody_holds_a_free_port(free: int) -> None:
    assert ports.holder(free) is None
