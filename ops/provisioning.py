"""Provisions Superset where what it is made from has changed, beside the steps that do not need it."""

import subprocess

from ops import services
from ops.errors import OpsError
from ops.programs import digest, sources
from ops.settings import REPOSITORY
from ops.stack import Stack


class Provisioning:
    """One run of `superset/provision.py`, or none where the last one was for the same content."""

    def __init__(self, stack: Stack) -> None:
        self._environment = services.superset_environment(stack.paths, stack.variables)
        self._stamp = stack.paths.superset / "provisioned"
        self._log = stack.paths.log_of("superset-provision")
        self._process: subprocess.Popen[bytes] | None = None
        assets = (sources(services.SUPERSET, pattern=pattern) for pattern in ("*.py", "*.yaml", "*.lock"))
        self._wanted = digest(
            [*assets, *(f"{key}={value}" for key, value in sorted(self._environment.items()))]
        )

    @property
    def is_done(self) -> bool:
        """Whether Superset holds what the folder describes, as far as we last left it."""
        return self._stamp.is_file() and self._stamp.read_text() == self._wanted

    def begin(self) -> None:
        """Starts it in the background, at a low priority: what comes next is waited for."""
        self._stamp.unlink(missing_ok=True)
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                ["nice", str(services.SUPERSET_BIN / "python"), str(services.SUPERSET / "provision.py")],
                env=self._environment,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def finish(self, seconds: float = 300) -> None:
        """Waits for it; raises OpsError when it fails."""
        if self._process is None:
            return
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.cancel()
            raise OpsError(f"Superset was not provisioned after {seconds:.0f} s", self._log) from None
        if code != 0:
            raise OpsError("Superset could not be provisioned", self._log)
        self._stamp.write_text(self._wanted)

    def cancel(self) -> None:
        """Ends it where it still runs: another step has failed."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
