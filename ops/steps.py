"""One-off commands of ours, such as a migration: each to its end, with a log of its own."""

import subprocess
import sys

from ops import flink, services
from ops.errors import OpsError
from ops.settings import REPOSITORY
from ops.stack import Stack


class Steps:
    """Runs `python ARGUMENTS` with the settings of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def run(self, name: str, *arguments: str) -> None:
        """Runs one; raises OpsError with its log, which is called `name`, when it fails."""
        log = self._stack.paths.log_of(name)
        environment = services.step_environment(self._stack.variables) | flink.environment(self._stack.paths)
        with log.open("wb") as output:
            result = subprocess.run(
                [sys.executable, *arguments],
                env=environment,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if result.returncode != 0:
            raise OpsError(f"'python {' '.join(arguments)}' failed", log)

    def migrate(self) -> None:
        """Brings roles and schema to the newest version; raises OpsError when that fails."""
        self.run("database-roles", "-m", "db.bootstrap")
        self.run("database-schema", "-m", "alembic", "upgrade", "head")

    def stop_job(self, *, or_cancel: bool = False) -> None:
        """Ends the job with a savepoint, where one runs; raises OpsError when that fails.

        With `or_cancel` a job that can make no savepoint, such as one that fails over and over, is cancelled.
        """
        self.run("job-stop", "-m", "stream_job", "stop", *(["--or-cancel"] if or_cancel else []))
