"""Where the running stack keeps what it writes: all of it under one folder."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError

# sockaddr_un holds 108 bytes, the terminating zero among them.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Paths:
    """The folders below VAR_DIR."""

    var: Path

    @property
    def log(self) -> Path:
        """One log file a program, rotated by the supervisor."""
        return self.var / "log"

    @property
    def run(self) -> Path:
        """Sockets, process ids, locks and the supervisor's configuration."""
        return self.var / "run"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data folder and configuration."""
        return self.var / "postgres"

    @property
    def rabbitmq(self) -> Path:
        """RabbitMQ's data and configuration."""
        return self.var / "rabbitmq"

    @property
    def flink(self) -> Path:
        """Flink's configuration, checkpoints and savepoints."""
        return self.var / "flink"

    @property
    def superset(self) -> Path:
        """Superset's home: its cache of query results."""
        return self.var / "superset"

    @property
    def supervisor_socket(self) -> Path:
        """Where the supervisor listens."""
        return self.run / "supervisor.sock"

    def log_of(self, program: str) -> Path:
        """The log file of one program or step."""
        return self.log / f"{program}.log"

    def prepare(self) -> None:
        """Makes the folders that have no owner of their own; raises OpsError where that cannot work."""
        if len(os.fsencode(self.supervisor_socket)) > LONGEST_SOCKET_PATH:
            raise OpsError(f"VAR_DIR={self.var} is too long for a socket in it: set a shorter VAR_DIR")
        for folder in (self.var, self.log, self.run):
            folder.mkdir(parents=True, exist_ok=True)
        self.run.chmod(0o700)
        if os.geteuid() == 0:
            self._check_traversable()

    def _check_traversable(self) -> None:
        for folder in (self.var, *self.var.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                raise OpsError(
                    f"the users postgres and rabbitmq, whom their servers run as, cannot enter {folder}: "
                    f"move the clone to a folder open to them, such as /opt or /srv, or set VAR_DIR to one"
                )


def own_folder(folder: Path, user: str | None, mode: int = 0o700) -> None:
    """Makes a folder that belongs to `user` (None: whoever runs this)."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def write_if_changed(path: Path, content: str, user: str | None = None, mode: int = 0o644) -> None:
    """Writes a generated file, readable by `user`; leaves it untouched when it has this content."""
    if not path.is_file() or path.read_text() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.touch(mode=mode)
        fresh.write_text(content)
        fresh.replace(path)
    path.chmod(mode)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
