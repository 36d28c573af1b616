"""Starts a stack, or repairs one that runs: each step waits until what it started really answers."""

from collections.abc import Callable

import httpx
import psycopg2

from ops import flink, ports, postgres, rabbitmq
from ops.contents import Contents
from ops.progress import Progress, Watch
from ops.provisioning import Provisioning
from ops.stack import Stack
from ops.steps import Steps
from ops.superset import SupersetClient

JOB_NAME = "candlewick"
SERVERS = ("postgres", "epmd", "rabbitmq", "flink-jobmanager", "flink-taskmanager")
START_SECONDS = 180
CANDLE_SECONDS = 300


class Up:
    """One `make up`."""

    def __init__(self, stack: Stack, progress: Progress | None = None) -> None:
        self._stack = stack
        self._settings = stack.settings
        self._paths = stack.paths
        self._supervisor = stack.supervisor
        self._progress = progress or Progress()
        self._steps = Steps(stack)
        self._watch = Watch(stack.supervisor, stack.paths)

    def run(self) -> None:
        """Raises OpsError at the first step that fails."""
        provisioning = Provisioning(self._stack)
        with self._progress.step("ports are free, configuration is written"):
            self._configure()
        try:
            self._start_servers(provisioning)
            self._start_services(provisioning)
        finally:
            provisioning.cancel()
        if self._settings.has_feed:
            self._await_rows()

    def _start_servers(self, provisioning: Provisioning) -> None:
        step = self._progress.step
        self._supervisor.start(*SERVERS)
        with step("PostgreSQL answers"):
            self._until(lambda: postgres.answers(self._settings), "postgres", "PostgreSQL does not answer")
        with step("database roles and schema are up to date"):
            self._steps.migrate()
        if not provisioning.is_done:
            provisioning.begin()
        with step("RabbitMQ answers"):
            self._until(lambda: rabbitmq.answers(self._settings), "rabbitmq", "RabbitMQ does not answer")
            rabbitmq.repair_users(self._settings, self._paths)
        with step("Flink answers and has slots"):
            self._until(lambda: flink.has_slots(self._settings), "flink-taskmanager", "Flink has no slots")

    def _start_services(self, provisioning: Provisioning) -> None:
        step = self._progress.step
        self._supervisor.start("producer", "stream-job", "bars", "alert-delivery", "retention", "api")
        with step("the producer answers"):
            self._until(self._producer_is_healthy, "producer", "the producer is not healthy")
        with step("the read API answers"):
            self._until(self._api_is_healthy, "api", "the read API is not healthy")
        if self._settings.bundled_history:
            with step("the bundled history is on its way"):
                self._steps.run("history", "-m", "producer.backfill", "--provider", "history")
        with step("the job is running"):
            self._until(self._job_runs, "stream-job", f"the job {JOB_NAME} is not running")
        with step("Superset is provisioned"):
            provisioning.finish()
        self._supervisor.start("superset")
        with step("Superset answers"):
            self._until(SupersetClient(self._settings).answers, "superset", "Superset does not answer")

    def _await_rows(self) -> None:
        step = self._progress.step
        with step("finished candles are in PostgreSQL"):
            self._until(self._has_finished_candles, "stream-job", "no finished candle came", CANDLE_SECONDS)
        with step("Superset answers a chart query with rows"):
            self._until(self._chart_has_rows, "superset", "Superset's chart query returns no rows")

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self._progress.seconds

    def _configure(self) -> None:
        running = {name: state.is_running for name, state in self._supervisor.states().items()}
        ports.check(ports.wanted(self._settings), running)
        programs = self._stack.prepare()
        changed = self._supervisor.apply(programs, before_change=self._end_job_of_old_code)
        if changed and running:
            self._progress.say(f"  changed, so restarted: {', '.join(sorted(changed))}")

    def _end_job_of_old_code(self, changed: list[str]) -> None:
        """The job goes on with the new code from a savepoint, which only a running cluster can make."""
        if "stream-job" in changed:
            # Its watch would submit the job again.
            self._supervisor.stop("stream-job")
            if flink.has_job(self._settings, JOB_NAME):
                self._steps.stop_job(or_cancel=True)

    def _until(
        self, condition: Callable[[], bool], program: str, missing: str, seconds: float = START_SECONDS
    ) -> None:
        self._watch.until(condition, program, missing, seconds)

    def _producer_is_healthy(self) -> bool:
        return _is_healthy(f"http://{self._settings.producer_host}:{self._settings.producer_port}/health")

    def _api_is_healthy(self) -> bool:
        return _is_healthy(f"http://{self._settings.api_host}:{self._settings.api_port}/api/v1/health")

    def _job_runs(self) -> bool:
        return flink.running_jobs(self._settings, JOB_NAME) == 1

    def _has_finished_candles(self) -> bool:
        try:
            return Contents.read(self._settings).streamed > 0
        except psycopg2.OperationalError:
            return False

    def _chart_has_rows(self) -> bool:
        try:
            return SupersetClient(self._settings).chart_rows() > 0
        except httpx.HTTPError:
            return False


def _is_healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).is_success
    except httpx.HTTPError:
        return False
