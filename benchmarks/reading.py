"""`python -m benchmarks.reading`: how fast the read API answers what its documentation asks, by which plans.

It starts PostgreSQL and the read API of its own, as `make up` configures them, fills the database with
one-minute candles and all that is beside them, and sends each documented request one after another over one
connection, then over several at a time.
"""

from __future__ import annotations

import asyncio
import math
import signal
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import psycopg2
import typer

from api.app import create_app
from api.settings import load_settings
from benchmarks.query_plans import plans, recorded
from benchmarks.server_stack import ServerStack, running_servers
from benchmarks.stored_market import Size, fill
from db.settings import DatabaseSettings
from ops.errors import OpsError
from ops.progress import Progress, Watch
from stream_job.indicators.catalogue import VALUES
from tests.documents import commands, words

ADDRESS = "localhost:8001"
MINUTES = 10_000
SECONDS_AT_A_TIME = 2.0
WARM_UP = 10
CONNECTIONS = 4
START_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """A documented request."""

    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Measured:
    """How long a request took, in milliseconds, and how many were answered in a second at a time."""

    p50: float
    p99: float
    per_second: float
    kilobytes: float


def documented() -> list[Request]:
    """Every request to the read API that the documentation shows."""
    found = {}
    for command in commands("curl"):
        parts = words(command)
        for address in (word for word in parts if word.startswith(ADDRESS)):
            headers = dict(parts[i + 1].split(": ", 1) for i, word in enumerate(parts) if word == "-H")
            path = address.removeprefix(ADDRESS)
            found[path, headers.get("Accept", "")] = Request(path, headers)
    return list(found.values())


async def measure(address: str, request: Request, count: int) -> Measured:
    """Send a request `count` times over one connection, then over several for some seconds."""
    async with httpx.AsyncClient(base_url=address, headers=request.headers, timeout=30) as client:
        for _ in range(WARM_UP):
            answer = await client.get(request.path)
            answer.raise_for_status()
        taken = []
        for _ in range(count):
            begin = time.perf_counter()
            await client.get(request.path)
            taken.append((time.perf_counter() - begin) * 1_000)
        begin, answered = time.perf_counter(), 0

        async def keep_asking() -> None:
            nonlocal answered
            while time.perf_counter() - begin < SECONDS_AT_A_TIME:
                await client.get(request.path)
                answered += 1

        await asyncio.gather(*(keep_asking() for _ in range(CONNECTIONS)))
        per_second = answered / (time.perf_counter() - begin)
    taken.sort()
    p99 = taken[math.ceil(len(taken) * 0.99) - 1]
    return Measured(statistics.median(taken), p99, per_second, len(answer.content) / 1_000)


async def plans_of(requests: Sequence[Request]) -> list[str]:
    """Return the plans of what each request asks the database, one after another."""
    database = DatabaseSettings()
    app = create_app(load_settings(), database)
    found = []
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        for request in requests:
            with recorded(app.state.services.database.engine) as statements:
                await client.get(request.path, headers=request.headers)
            found.append("\n".join(await plans(database, statements)))
    return found


def run(
    symbols: Annotated[int, typer.Option(min=10, help="each with 10,000 one-minute candles")] = 500,
    requests: Annotated[int, typer.Option(min=100, help="how often each request is sent")] = 300,
    plans_file: Annotated[Path | None, typer.Option(help="where the plans are written to")] = None,
) -> None:
    """Measure, and print a table; the plans go to a file, or below it."""
    progress = Progress()
    asked = documented()
    size = Size(symbols, MINUTES, indicator_minutes=200, snapshots=2_000, other_rows=20_000)
    with running_servers(parallelism=1) as servers:
        with progress.step(f"{symbols * MINUTES:,} one-minute candles are in the database"):
            _fill(size)
        address = _serve(servers)
        print(f"\n| request | p50 ms | p99 ms | requests/s, {CONNECTIONS} at a time | kB |")
        print("|---|---:|---:|---:|---:|")
        for request in asked:
            found = asyncio.run(measure(address, request, requests))
            accept = f" as {request.headers['Accept']}" if "Accept" in request.headers else ""
            print(
                f"| `{request.path.removeprefix('/api/v1')}`{accept} | {found.p50:.1f} | {found.p99:.1f} |"
                f" {found.per_second:,.0f} | {found.kilobytes:,.1f} |",
                flush=True,
            )
        texts = [
            f"{request.path}\n{plan}\n"
            for request, plan in zip(asked, asyncio.run(plans_of(asked)), strict=True)
        ]
    if plans_file is None:
        print("\n" + "\n".join(texts))
    else:
        plans_file.write_text("\n".join(texts))


def _fill(size: Size) -> None:
    database = DatabaseSettings()
    with closing(
        psycopg2.connect(
            host=database.postgres_host,
            port=database.postgres_port,
            dbname=database.postgres_db,
            user="market_owner",
            password=database.password("market_owner"),
        )
    ) as owner:
        owner.autocommit = True
        fill(owner, size, list(VALUES))


def _serve(servers: ServerStack) -> str:
    settings = servers.stack.settings
    address = f"http://{settings.api_host}:{settings.api_port}"
    servers.stack.supervisor.start("api")

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/api/v1/health").is_success
        except httpx.HTTPError:
            return False

    watch = Watch(servers.stack.supervisor, servers.stack.paths)
    watch.until(answers, "api", "the read API does not answer", START_SECONDS)
    return address


def main() -> None:
    """Run it; what goes wrong is said in a sentence, with exit code 1."""
    # As an interruption: the servers are stopped and their folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("benchmarks: ended by SIGTERM"))
    try:
        typer.run(run)
    except OpsError as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
