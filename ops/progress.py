"""Says what is being waited for, for how long, and what went wrong."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ops.errors import OpsError
from ops.paths import Paths
from ops.supervisor import GIVEN_UP, Supervisor

POLL_SECONDS = 0.25
# How long a program may be down between the supervisor's attempts before the start has failed.
PATIENCE_SECONDS = 12


class Progress:
    """One line a step, with the time it took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Prints the line when the step is done; what it raises passes through."""
        began = time.monotonic()
        yield
        print(f"  {title:<58} {time.monotonic() - began:6.1f} s", flush=True)

    def say(self, text: str) -> None:
        """A line without a time."""
        print(text, flush=True)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began


class Watch:
    """Waits for conditions while the programs that bring them about are alive."""

    def __init__(self, supervisor: Supervisor, paths: Paths) -> None:
        self._supervisor = supervisor
        self._paths = paths

    def until(self, condition: Callable[[], bool], program: str, missing: str, seconds: float) -> None:
        """Returns when the condition holds.

        Raises OpsError, with the program's log, when the supervisor has given the program up, or when the
        condition does not hold in time: `missing` says what then is not there.
        """
        began = last_alive = time.monotonic()
        while not condition():
            now = time.monotonic()
            state = self._supervisor.states().get(program)
            if state is not None and state.is_running:
                last_alive = now
            if now - last_alive > PATIENCE_SECONDS or state is None or state.state in GIVEN_UP:
                raise OpsError(f"{program} does not stay up", self._paths.log_of(program))
            if now - began > seconds:
                raise OpsError(f"{missing} after {seconds:.0f} s", self._paths.log_of(program))
            time.sleep(POLL_SECONDS)
