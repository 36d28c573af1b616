"""What processes cost: CPU time and memory of a program with all its children."""

from collections.abc import Iterable
from contextlib import suppress

import psutil


class ProcessGroup:
    """The process trees below some process ids."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._roots = [psutil.Process(pid) for pid in pids]

    def cpu_seconds(self) -> float:
        """User and system time since their start, with that of children which have ended."""
        total = 0.0
        for process in self._alive():
            with suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4])
        return total

    def memory_bytes(self) -> int:
        """What they hold in memory now; what they share is counted for each."""
        total = 0
        for process in self._alive():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def _alive(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for root in self._roots:
            with suppress(psutil.NoSuchProcess):
                found += [root, *root.children(recursive=True)]
        return found
