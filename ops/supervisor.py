"""Talks to supervisord: starts it, gives it programs, asks how they are, stops it."""

import os
import pwd
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from ops.errors import OpsError
from ops.paths import Paths, write_if_changed
from ops.programs import Program, supervisor_configuration

RUNNING = frozenset({"RUNNING", "STARTING"})
GIVEN_UP = frozenset({"FATAL", "UNKNOWN"})
CLEAN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True)
class ProgramState:
    """The supervisor's word for how a program is, its process id (0: none), seconds since its start."""

    name: str
    state: str
    pid: int
    uptime_seconds: int

    @property
    def is_running(self) -> bool:
        """Whether it has a process that the supervisor has not given up on."""
        return self.state in RUNNING


class Supervisor:
    """The supervisor of one stack, reached over its socket."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._configuration = paths.run / "supervisord.conf"

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._paths.supervisor_socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error, xmlrpc.client.ResponseError):
            return False
        return True

    def states(self) -> dict[str, ProgramState]:
        """Each program's state by name; empty when the supervisor does not run."""
        try:
            answers = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return {}
        return {
            str(a["name"]): ProgramState(
                str(a["name"]), str(a["statename"]), int(a["pid"]), max(0, int(a["now"]) - int(a["start"]))
            )
            for a in answers
        }

    def apply(
        self, programs: Iterable[Program], before_change: Callable[[list[str]], None] = lambda _: None
    ) -> list[str]:
        """Makes the supervisor know exactly these programs; returns those whose description changed.

        A changed program is stopped; `start` starts it again. Nothing else is touched. `before_change` is
        told the changed ones while they still run.
        """
        run_by = pwd.getpwuid(os.geteuid()).pw_name
        content = supervisor_configuration(programs, self._paths, run_by)
        write_if_changed(self._configuration, content, mode=0o600)
        if not self.is_running():
            self._launch()
            return []
        added, changed, removed = self._call("reloadConfig")[0]
        before_change(list(changed))
        for name in (*changed, *removed):
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)
        return list(changed)

    def _launch(self) -> None:
        log = self._paths.log_of("supervisord")
        with log.open("ab") as output:
            result = subprocess.run(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)],
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        deadline = time.monotonic() + 30
        while result.returncode == 0 and time.monotonic() < deadline:
            if self.is_running():
                return
            time.sleep(0.05)
        raise OpsError("the supervisor did not start", log)

    def start(self, *names: str) -> list[str]:
        """Starts those that do not run and returns their names, without waiting until they answer."""
        states = self.states()
        started = [name for name in names if not states[name].is_running]
        for name in started:
            try:
                self._call("startProcess", name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.ALREADY_STARTED:
                    raise OpsError(
                        f"{name} cannot be started: {fault.faultString}", self._paths.log_of(name)
                    ) from None
        return started

    def stop(self, *names: str) -> None:
        """Stops programs and waits until they are gone."""
        states = self.states()
        for name in names:
            if name in states and states[name].state not in {"STOPPED", "EXITED", "FATAL"}:
                self._call("stopProcess", name, True)

    def shut_down(self, seconds: float = 120) -> None:
        """Stops every program and the supervisor itself, and waits until it is gone."""
        if not self.is_running():
            return
        pid = int(self._call("getPID"))
        self._call("shutdown")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _exists(pid):
                return
            time.sleep(0.1)
        raise OpsError(f"the supervisor (pid {pid}) is still stopping its programs after {seconds:.0f} s")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
