"""The installed command, run as a person or a program runs it."""

from __future__ import annotations

import asyncio
import json
import os
import pty
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from ops.settings import REPOSITORY
from tests.integration.producer.waiting import WAIT_SECONDS, until

CANDLEWICK = REPOSITORY / ".venv/bin/candlewick"
SECRETS = ("KEY", "PASSWORD", "SECRET")


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int | None
    output: str
    notes: str

    @property
    def document(self) -> Any:
        """The one JSON document that was printed."""
        return json.loads(self.output)


class Shell:
    """Runs `candlewick` with an environment, in a folder; no output may show a secret of the stack."""

    def __init__(self, environment: Mapping[str, str], settings: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._secrets = {
            value for name, value in settings.items() if value and any(word in name for word in SECRETS)
        }
        self._folder = folder

    async def __call__(self, *arguments: str, **environment: str) -> Outcome:
        """Run a command whose output a program reads."""
        process = await asyncio.create_subprocess_exec(
            *(str(CANDLEWICK), *arguments),
            env={**self._environment, **environment},
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(WAIT_SECONDS):
            output, notes = await process.communicate()
        return self._checked(Outcome(process.returncode, output.decode(), notes.decode()))

    async def on_a_terminal(self, *arguments: str, **environment: str) -> Outcome:
        """Run a command that a person looks at, 80 columns wide; both outputs come as one."""
        terminal, screen = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(str(CANDLEWICK), *arguments),
            env={**self._environment, "TERM": "dumb", **environment},
            cwd=self._folder,
            stdin=screen,
            stdout=screen,
            stderr=screen,
        )
        os.close(screen)
        async with asyncio.timeout(WAIT_SECONDS):
            shown = await asyncio.to_thread(_read_all, terminal)
            await process.wait()
        os.close(terminal)
        return self._checked(Outcome(process.returncode, shown.decode(), ""))

    def _checked(self, outcome: Outcome) -> Outcome:
        printed = outcome.output + outcome.notes
        assert "Traceback" not in printed, printed
        assert not [secret for secret in self._secrets if secret in printed]
        return outcome


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[int]:
    """Serve an application on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started or running.done(), "the server has started")
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


def _read_all(terminal: int) -> bytes:
    shown = b""
    with suppress(OSError):  # so a terminal tells that nobody writes to it any more
        while part := os.read(terminal, 65536):
            shown += part
    return shown
