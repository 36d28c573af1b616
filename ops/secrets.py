"""The env file: made from `env.template` with generated secrets, and only ever added to."""

import os
import secrets
from pathlib import Path

GENERATED = "<generated>"


def assignments(text: str) -> dict[str, str]:
    """The `NAME=value` lines of an env file, in order; comments and blank lines are left out."""
    pairs = (
        line.split("=", 1) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#")
    )
    return {name.strip(): value.strip() for name, value in pairs}


def secret_names(template: Path) -> frozenset[str]:
    """The settings whose value the template leaves to be generated."""
    return frozenset(name for name, value in assignments(template.read_text()).items() if value == GENERATED)


def _fill(line: str) -> str:
    return line.replace(GENERATED, secrets.token_hex(24)) if line.endswith(f"={GENERATED}") else line


def ensure_env_file(path: Path, template: Path) -> list[str]:
    """Writes the env file at the first run and adds settings that are new later; returns the names it added.

    A value that is there is never changed. The file is readable by its owner alone from its first byte on.
    """
    wanted = template.read_text()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(_fill(line) for line in wanted.splitlines()) + "\n")
        return list(assignments(wanted))
    present = path.read_text()
    known = assignments(present)
    added = {name: value for name, value in assignments(wanted).items() if name not in known}
    if added:
        lines = "".join(_fill(f"{name}={value}") + "\n" for name, value in added.items())
        with path.open("a") as file:
            file.write(("" if present.endswith("\n") or not present else "\n") + lines)
    path.chmod(0o600)
    return list(added)
