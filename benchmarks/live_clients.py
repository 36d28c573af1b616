"""`python -m benchmarks.live_clients`: a thousand WebSocket clients of the read API, on servers of its own.

A delay is from the publication of an event, before the broker has it, to its receipt by a client. The clients
are in processes of their own, which share the machine with the servers.
"""

import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Annotated

import httpx
import numpy as np
import typer

from benchmarks.market_load import Load
from benchmarks.process_group import ProcessGroup
from benchmarks.publishing import declare_anew, publish_live
from benchmarks.server_stack import ServerStack, running_servers
from benchmarks.websocket_clients import follow
from ops import services
from ops.errors import OpsError
from ops.progress import Progress
from ops.settings import REPOSITORY

SHARDS = 4
CLIENT_PROCESSES = 2
WARM_UP_SECONDS = 5
START_SECONDS = 60
DRAIN_SECONDS = 2
PERCENTILES = (50, 99, 100)


def run(
    clients: Annotated[int, typer.Option(min=2, help="how many are connected")] = 1_000,
    each: Annotated[int, typer.Option(min=1, max=500, help="symbols that each follows")] = 20,
    symbols: Annotated[int, typer.Option(min=4, help="symbols that trade")] = 500,
    events_per_second: Annotated[int, typer.Option(min=1, help="over all symbols")] = 1_000,
    seconds: Annotated[int, typer.Option(min=1, help="how long is measured, after a warm-up")] = 30,
) -> None:
    """Publish events, let clients follow them, and print how late ticks come and what that costs."""
    progress = Progress()
    load = Load(
        events=events_per_second * (WARM_UP_SECONDS + seconds),
        symbols=symbols,
        shards=SHARDS,
        start=datetime.now(UTC),
    )
    with running_servers(parallelism=1) as servers:
        declare_anew(servers.amqp_uri("producer"), SHARDS)
        _write_assets(servers, load.names())
        with _read_api(servers, clients) as (server, url):
            with progress.step(f"{clients:,} clients follow {each} of {symbols} symbols each"):
                parents = _start_clients(servers, clients, load.names(), each)
            with progress.step(f"{events_per_second:,} events/s for {seconds} s"):
                begin = time.time() + WARM_UP_SECONDS
                cpu = ProcessGroup([server.pid])
                cpu_before = cpu.cpu_seconds()
                publish_live(servers.amqp_uri("producer"), load, events_per_second)
                time.sleep(DRAIN_SECONDS)
                cpu_share = (cpu.cpu_seconds() - cpu_before) / (time.time() - begin + WARM_UP_SECONDS)
                status = httpx.get(f"{url}/api/v1/live", timeout=START_SECONDS).json()
                memory = cpu.memory_bytes()
            seen = np.concatenate([_stopped(parent) for parent in parents])
    delays = seen[seen[:, 0] >= begin, 1] * 1_000
    p50, p99, most = np.percentile(delays, PERCENTILES)
    print(
        f"\n{clients:,} clients, {each} of {symbols} symbols each, {events_per_second:,} events/s published"
    )
    print(
        f"  ticks received    {len(delays) / seconds:,.0f} /s; {status['conflated']:,} gave way to newer ones"
    )
    print(f"  delay             p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {most:.0f} ms")
    print(f"  in the server     {status['delay']}")
    print(f"  server            {cpu_share:.0%} of a core, {memory / 1e6:.0f} MB")


def _write_assets(servers: ServerStack, symbols: list[str]) -> None:
    with servers.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO data_sources (name, kind, description) VALUES ('simulator', 'simulated', '')"
        )
        cursor.execute(
            "INSERT INTO assets (symbol, asset_class, source, calendar) "
            "SELECT symbol, 'crypto', 'simulator', '24/7' FROM unnest(%s) AS symbol",
            (symbols,),
        )


@contextmanager
def _read_api(servers: ServerStack, clients: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve the read API with a place for each client."""
    stack = servers.stack
    environment = services.step_environment(stack.variables) | {
        "API_LIVE_CLIENTS": str(clients),
        "EVENT_SHARDS": str(SHARDS),
    }
    url = f"http://127.0.0.1:{stack.settings.api_port}"
    log = stack.paths.log_of("benchmark-api")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "api"],
            env=environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_live(url):
            if server.poll() is not None or time.monotonic() > deadline:
                raise OpsError(f"the read API did not start: {log.read_text()[-2_000:]}", log)
            time.sleep(0.2)
        yield server, url
    finally:
        server.terminate()
        server.wait()


def _is_live(url: str) -> bool:
    try:
        channels = httpx.get(f"{url}/api/v1/live", timeout=10).json()["channels"]
    except httpx.HTTPError:
        return False
    return all(channel["state"] == "live" for channel in channels)


def _start_clients(servers: ServerStack, clients: int, symbols: list[str], each: int) -> list[Connection]:
    """Start the processes of the clients, and wait until all are subscribed."""
    context = multiprocessing.get_context("spawn")
    parents = []
    for number in range(CLIENT_PROCESSES):
        parent, child = context.Pipe()
        share = clients // CLIENT_PROCESSES
        arguments = (servers.stack.settings.api_port, share, symbols, each, number, child)
        context.Process(target=follow, args=arguments, daemon=True).start()
        parents.append(parent)
    for parent in parents:
        parent.recv()
    return parents


def _stopped(parent: Connection) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    parent.send("stop")
    seen: np.ndarray[tuple[int, int], np.dtype[np.float64]] = parent.recv()
    return seen


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
