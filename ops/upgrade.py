"""Brings a running stack to the code that is here now; the job goes on from a savepoint."""

from ops import postgres
from ops.errors import OpsError
from ops.progress import Progress
from ops.stack import Stack
from ops.steps import Steps
from ops.up import Up
from stream_job import restore_point
from stream_job.restore_point import RestorePoint


class Upgrade:
    """One `make upgrade`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._progress = Progress()
        self._steps = Steps(stack)
        self.up = Up(stack, self._progress)

    def run(self) -> None:
        """Raises OpsError at the first step that fails, with the way back.

        Events are published all the while: they wait in the streams until the job runs again.
        """
        self._check_that_it_runs()
        with self._progress.step("the job has stopped with a savepoint"):
            self._stop_job()
        point = restore_point.newest(
            self._stack.paths.flink / "checkpoints", self._stack.paths.flink / "savepoints"
        )
        with self._progress.step("database roles and schema are up to date"):
            self._migrate(point)
        self.up.run()
        self._progress.say(f"  the job went on from {_said(point)}")

    def _check_that_it_runs(self) -> None:
        if not self._stack.supervisor.is_running():
            raise OpsError(
                "Candlewick is not running, so there is nothing to keep running: 'make up' migrates and "
                "starts it with the code that is here now"
            )
        if not postgres.answers(self._stack.settings):
            raise OpsError(
                "PostgreSQL does not answer, so nothing was changed: 'make up' repairs and upgrades what "
                "does not run"
            )

    def _stop_job(self) -> None:
        supervisor = self._stack.supervisor
        # Its watch would submit it again.
        supervisor.stop("stream-job")
        try:
            self._steps.stop_job()
        except OpsError as error:
            supervisor.start("stream-job")
            raise OpsError(
                "the job did not stop with a savepoint, so nothing was changed and it goes on as before: "
                "mend what the log names, then run 'make upgrade' again",
                error.log,
            ) from None

    def _migrate(self, point: RestorePoint | None) -> None:
        try:
            self._steps.migrate()
        except OpsError as error:
            raise OpsError(
                "the migration failed; it is one transaction, so the tables are as they were. The job stands "
                f"still and will go on from {_said(point)}; everything else runs on, and events wait in the "
                "streams. Forward: mend the cause, then run 'make upgrade' again. Back: check out the "
                "version that ran before, then run 'make up'",
                error.log,
            ) from None


def _said(point: RestorePoint | None) -> str:
    if point is None:
        return "the beginning of the streams"
    return f"the {'savepoint' if point.is_savepoint else 'checkpoint'} {point.path}"
