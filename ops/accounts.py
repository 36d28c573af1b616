"""Which operating-system user each server runs as."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def server_user(name: str) -> str | None:
    """The package's own user when we are root, whom the server refuses; None, ourselves, when we are not."""
    return name if os.geteuid() == 0 else None


def home_of(user: str | None) -> str:
    """The home folder of a user (None: ours)."""
    return pwd.getpwnam(user).pw_dir if user is not None else str(Path.home())


def run_as(
    user: str | None, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command to its end as `user`, with its output added to `log`."""
    with log.open("ab") as output:
        return subprocess.run(
            command,
            env=dict(environment),
            cwd="/",
            user=user,
            group=pwd.getpwnam(user).pw_gid if user is not None else None,
            extra_groups=[] if user is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
