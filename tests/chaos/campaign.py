"""A campaign: kills at random moments under load, then the reckoning."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from ops.paths import Paths
from ops.supervisor import Supervisor
from producer.events import MICROSECONDS_PER_SECOND, clock_micros
from tests.chaos.books import Books, stored_up_to
from tests.chaos.load import past_minute
from tests.chaos.plan import LoadPlan
from tests.chaos.reckoning import Tally
from tests.chaos.targets import Load, Program, Target
from tests.chaos.waiting import until
from tests.integration.stream_job.cluster import Cluster
from tests.stack import RunningStack

PROGRAMS = ("flink-taskmanager", "flink-jobmanager", "rabbitmq", "postgres", "stream-job")
PAST_MINUTES = 3
CATCH_UP_SECONDS = 300.0
LONGEST_PAUSE_SECONDS = 6.0
OUTAGE_CHANCE = 0.15
OUTAGE_SECONDS = (20.0, 90.0)
# How often the next blow waits until the events flow again; else it falls into the recovery.
RECOVERY_CHANCE = 0.5

Say = Callable[[str], None]


@dataclass
class Blows:
    """What has been done to one target, and how long the whole pipeline then took to flow again."""

    kills: int = 0
    outages: int = 0
    recoveries: list[float] = field(default_factory=list)

    def describe(self) -> str:
        """The counts in a line."""
        text = f"{self.kills} kills, {self.outages} of them with an outage"
        if self.recoveries:
            text += (
                f"; flowing again after {median(self.recoveries):.0f} s, at most {max(self.recoveries):.0f} s"
            )
        return text


@dataclass(frozen=True)
class Outcome:
    """The end of a campaign."""

    tallies: list[Tally]
    blows: dict[str, Blows]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is lost, duplicated or unexpected."""
        return all(tally.is_clean for tally in self.tallies)


class Campaign:
    """One market under fire, on a stack that runs."""

    def __init__(
        self, stack: RunningStack, seed: int, *, symbols: int, events_per_second: float, say: Say
    ) -> None:
        self._stack = stack
        self._say = say
        self._chance = random.Random(seed)
        begin = past_minute(clock_micros(), PAST_MINUTES)
        end_file = stack.var_dir / f"chaos-{seed}-end"
        end_file.unlink(missing_ok=True)
        self._plan = LoadPlan.make(seed, symbols, events_per_second, begin, end_file)
        self._cluster = Cluster(stack)
        self._load = Load(stack, self._plan)
        supervisor = Supervisor(Paths(stack.var_dir))
        self.targets: list[Target] = [*(Program(supervisor, name) for name in PROGRAMS), self._load]
        self._blows = {target.name: Blows() for target in self.targets}

    def run(self, minutes: float) -> Outcome:
        """Kill at random for so many minutes, at least each target once, and reckon."""
        deadline = time.monotonic() + 60 * minutes
        return self._run(self._random_blows(deadline))

    def run_once(self) -> Outcome:
        """Kill each target once, and reckon."""
        return self._run((target, 0.0, True) for target in self.targets)

    def _run(self, blows: Iterator[tuple[Target, float, bool]]) -> Outcome:
        self._load.start()
        try:
            self._await_flow()
            for target, outage_seconds, recovers in blows:
                self._strike(target, outage_seconds)
                if recovers:
                    began = time.monotonic()
                    self._await_flow()
                    self._blows[target.name].recoveries.append(time.monotonic() - began)
            end = self._end()
            books = Books(self._stack, self._plan, end)
            until(self._load.has_ended, "the load has published everything")
            return Outcome(self._reckon(books), self._blows)
        finally:
            self._load.kill_and_keep_away()
            self._cluster.close()

    def _random_blows(self, deadline: float) -> Iterator[tuple[Target, float, bool]]:
        chance = self._chance
        everyone_was_struck = False
        while not everyone_was_struck or time.monotonic() < deadline:
            for target in chance.sample(self.targets, len(self.targets)):
                if everyone_was_struck and time.monotonic() >= deadline:
                    return
                time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))  # The moment is what is random.
                outage = chance.uniform(*OUTAGE_SECONDS) if chance.random() < OUTAGE_CHANCE else 0.0
                yield target, outage, chance.random() < RECOVERY_CHANCE
            everyone_was_struck = True

    def _strike(self, target: Target, outage_seconds: float) -> None:
        self._load.check()
        blows = self._blows[target.name]
        blows.kills += 1
        if not outage_seconds:
            self._say(f"kill -9 of {target.name}")
            target.kill()
            return
        blows.outages += 1
        self._say(f"kill -9 of {target.name}, which stays away for {outage_seconds:.0f} s")
        target.kill_and_keep_away()
        time.sleep(outage_seconds)
        target.start()

    def _await_flow(self) -> None:
        """Wait until the job runs and what is published from then on is stored."""
        until(lambda: len(self._cluster.running_jobs()) == 1, "one job runs")
        now = datetime.now(UTC)

        def flows() -> bool:
            self._load.check()
            stored = stored_up_to(self._stack, self._plan.symbols)
            return stored is not None and stored >= now

        until(flows, "the events flow from the producer into PostgreSQL")

    def _end(self) -> int:
        # Nothing of the second after the next can be published yet.
        end = (clock_micros() // MICROSECONDS_PER_SECOND + 2) * MICROSECONDS_PER_SECOND
        self._plan.end_at(end)
        return end

    def _reckon(self, books: Books) -> list[Tally]:
        """Compare once all is there, and again as long as it is not clean and there is time."""
        self._say(f"the load is over: waiting for {books.events:,} events")
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < deadline and books.stored_events() < books.events:
            time.sleep(1)
        tallies: Sequence[Tally] = books.tallies()
        while time.monotonic() < deadline and not all(tally.is_clean for tally in tallies):
            time.sleep(1)
            tallies = books.tallies()
        return list(tallies)
