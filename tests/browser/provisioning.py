"""Runs `superset/provision.py` as `make up` does."""

import subprocess
from pathlib import Path

from ops import services
from ops.paths import Paths
from ops.secrets import secret_names
from ops.services import Variables
from ops.settings import REPOSITORY, TEMPLATE
from tests.stack import RunningStack


def environment(stack: RunningStack) -> dict[str, str]:
    """What `make up` hands to provisioning for this stack."""
    return services.superset_environment(
        Paths(stack.var_dir), Variables(stack.env, secret_names(TEMPLATE), stack.var_dir)
    )


def provision(
    variables: dict[str, str], folder: Path = services.SUPERSET
) -> subprocess.CompletedProcess[str]:
    """Run it, with the assets of its folder."""
    return subprocess.run(
        [services.SUPERSET_BIN / "python", folder / "provision.py"],
        env=variables,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
