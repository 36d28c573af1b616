"""What can be killed: the stack's programs under their supervisor, and the load."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
import psutil

from ops.settings import REPOSITORY
from ops.supervisor import Supervisor
from tests.chaos.plan import LoadPlan
from tests.chaos.waiting import until
from tests.stack import RunningStack

KILL_SECONDS = 30.0


class Target(Protocol):
    """Something that is killed by SIGKILL, without a chance to tidy up."""

    name: str

    def kill(self) -> None:
        """Kill it; it comes back by itself."""

    def kill_and_keep_away(self) -> None:
        """Kill it; it stays away until it is started."""

    def start(self) -> None:
        """Let it come back."""


class Program:
    """A program of the supervisor, which brings back what dies."""

    def __init__(self, supervisor: Supervisor, name: str) -> None:
        self._supervisor = supervisor
        self.name = name

    def kill(self) -> None:
        until(self._is_killed, f"{self.name} has a process to be killed")

    def kill_and_keep_away(self) -> None:
        until(self._is_killed_for_good, f"{self.name} has a process to be killed")

    def _is_killed(self) -> bool:
        # It may just have ended, in an earlier recovery, before our signal reaches it.
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._pid())
            process.kill()
            process.wait(KILL_SECONDS)
            return True
        return False

    def _is_killed_for_good(self) -> bool:
        with suppress(psutil.NoSuchProcess), ThreadPoolExecutor(1) as aside:
            process = psutil.Process(self._pid())
            # Frozen, it cannot do what the supervisor asks for, which then does not start it again.
            process.suspend()
            stopped = aside.submit(self._supervisor.stop, self.name)
            until(lambda: stopped.done() or self._state() == "STOPPING", f"{self.name} is being stopped")
            process.kill()
            stopped.result()
        return self._state() == "STOPPED"

    def start(self) -> None:
        self._supervisor.start(self.name)

    def _state(self) -> str:
        return self._supervisor.states()[self.name].state

    def _pid(self) -> int:
        """Its process id; raises psutil.NoSuchProcess where it has none at the moment."""
        state = self._supervisor.states().get(self.name)
        if state is None or not state.is_running or not state.pid:
            raise psutil.NoSuchProcess(0)
        return state.pid


class Load:
    """The producer of the plan's market, in a process of its own."""

    name = "producer"

    def __init__(self, stack: RunningStack, plan: LoadPlan) -> None:
        self._stack = stack
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self._stack.var_dir / "log" / "chaos-load.log"

    def kill(self) -> None:
        self.kill_and_keep_away()
        self.start()

    def kill_and_keep_away(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        self.check()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.load", msgspec.json.encode(self._plan).decode()],
                env=self._stack.environment,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> None:
        """Raise RuntimeError where it has ended by a fault of its own."""
        if self._process is not None and (self._process.poll() or 0) > 0:
            raise RuntimeError(f"the load failed:\n{self.log.read_text()[-3_000:]}")

    def has_ended(self) -> bool:
        """Whether everything up to the plan's end is confirmed."""
        self.check()
        return self._process is not None and self._process.poll() == 0
