"""One stack: its settings, its folders and its programs, put together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ops import flink, postgres, rabbitmq, services
from ops.errors import OpsError
from ops.paths import Paths
from ops.programs import Program
from ops.secrets import ensure_env_file, secret_names
from ops.services import Variables
from ops.settings import TEMPLATE, OpsSettings, documented_values, env_file
from ops.supervisor import Supervisor


@dataclass(frozen=True)
class Stack:
    """What belongs to one env file."""

    file: Path
    settings: OpsSettings
    paths: Paths
    variables: Variables
    supervisor: Supervisor

    @classmethod
    def open(cls, create: bool) -> Self:
        """Reads the env file in force; makes or completes it where `create` says so.

        Raises OpsError where it is missing or wrong.
        """
        file = env_file()
        if create:
            ensure_env_file(file, TEMPLATE)
        elif not file.exists():
            raise OpsError(f"there is no {file}: nothing has been started yet, 'make up' does")
        settings = OpsSettings.load(file)
        paths = Paths(settings.var)
        variables = Variables(documented_values(file), secret_names(TEMPLATE), settings.var)
        return cls(file, settings, paths, variables, Supervisor(paths))

    def prepare(self) -> list[Program]:
        """Makes the data folder, and writes every configuration file that is not as it should be."""
        self.paths.prepare()
        return [
            postgres.prepare(self.settings, self.paths),
            *rabbitmq.prepare(self.settings, self.paths),
            *flink.prepare(self.settings, self.paths),
            services.producer(self.settings, self.variables),
            services.stream_job(self.paths, self.variables),
            services.retention(self.variables),
            services.bars(self.variables),
            services.alert_delivery(self.variables),
            services.api(self.variables),
            services.superset(self.settings, self.paths, self.variables),
        ]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps a second command away while this one changes something."""
        self.paths.prepare()
        with (self.paths.run / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OpsError(
                    "another make up, upgrade, down or reset is at work on this stack: wait for it"
                ) from None
            yield
