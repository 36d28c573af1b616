"""What the supervisor runs: one description a program, and the configuration made from them."""

import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.paths import Paths

# What supervisord's configuration cannot carry in a quoted value.
UNSAFE = re.compile(r"[\"'\r\n]|\s[;#]")


@dataclass(frozen=True)
class Program:
    """One program under the supervisor.

    `environment` is all that it gets: it inherits none of ours. `depends_on` is the content of files that it
    reads only at its start, so that a change in them restarts it.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    user: str | None = None
    depends_on: tuple[str, ...] = ()
    priority: int = 100
    stop_signal: str = "TERM"
    stop_seconds: int = 30
    shares_fate_with_children: bool = True


def digest(contents: Iterable[str]) -> str:
    """A hash that changes when any of the contents does."""
    whole = hashlib.sha256()
    for content in contents:
        whole.update(content.encode())
        whole.update(b"\0")
    return whole.hexdigest()[:16]


def sources(*roots: Path, pattern: str = "*.py") -> str:
    """The content of the source files below some folders: what a program has to be restarted for."""
    files = sorted(path for root in roots for path in root.rglob(pattern) if path.is_file())
    return digest(f"{path}:{path.read_text(errors='replace')}" for path in files)


def _quoted(name: str, value: str) -> str:
    if UNSAFE.search(value):
        raise OpsError(
            f"{name} in .env contains a quote, a line break or a comment sign: choose another value"
        )
    return f'{name}="{value}"'.replace("%", "%%")


def _section(program: Program, paths: Paths) -> str:
    environment = dict(program.environment)
    if program.depends_on:
        environment["CANDLEWICK_CONFIG_DIGEST"] = digest(program.depends_on)
    lines = {
        "command": shlex.join(program.command).replace("%", "%%"),
        "directory": str(program.directory),
        "environment": ",".join(_quoted(name, value) for name, value in sorted(environment.items())),
        "priority": str(program.priority),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "2",
        "startretries": "20",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        "stopasgroup": str(program.shares_fate_with_children).lower(),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(paths.log_of(program.name)),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    }
    if program.user is not None:
        lines["user"] = program.user
    return f"[program:{program.name}]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def supervisor_configuration(programs: Iterable[Program], paths: Paths, run_by: str) -> str:
    """The supervisor's configuration file. It holds passwords: keep it readable by its owner alone."""
    head = f"""[unix_http_server]
file={paths.supervisor_socket}
chmod=0600

[supervisord]
logfile={paths.log_of("supervisord")}
logfile_maxbytes=10MB
logfile_backups=3
pidfile={paths.run / "supervisord.pid"}
childlogdir={paths.log}
directory={paths.var}
user={run_by}
umask=022
silent=true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{paths.supervisor_socket}
"""
    return "\n".join([head, *(_section(program, paths) for program in programs)])
