"""`python -m benchmarks`: the job beside a consumer written by hand, on the same servers and events."""

import signal
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from benchmarks import latency, report, throughput
from benchmarks.contenders import ByHand, Job
from benchmarks.market_load import Load
from benchmarks.publishing import publish
from benchmarks.server_stack import running_servers
from benchmarks.throughput import WrongResultError
from ops.errors import OpsError
from ops.progress import Progress

SHARDS = 4
SYMBOLS = 500
START = datetime(2024, 1, 2, tzinfo=UTC)
LIVE_EVENTS_PER_SECOND = 10_000
LIVE_SECONDS = 60
QUICK_EVENTS = 2_000_000
QUICK_LIVE_SECONDS = 15


def run(
    events: Annotated[
        int, typer.Option(min=1_000_000, help="how many events the streams are filled with")
    ] = (10_000_000),
    parallelism: Annotated[int, typer.Option(min=1, max=SHARDS, help="subtasks of the job")] = 1,
    quick: Annotated[
        bool, typer.Option(help="two million events and short latencies; README.md stays as it is")
    ] = False,
) -> None:
    """Measure throughput and latency, print them, and put them into benchmarks/README.md."""
    if quick:
        events = QUICK_EVENTS
    progress = Progress()
    with running_servers(parallelism) as servers:
        contenders = (Job(servers), ByHand(servers, SHARDS))
        with progress.step(f"{events:,} events are in the streams"):
            load = Load(events, SYMBOLS, SHARDS, START)
            published = publish(servers.amqp_uri("producer"), load)
        throughputs = []
        for contender in contenders:
            for snapshots in (False, True):
                into = "candles and snapshots" if snapshots else "candles"
                with progress.step(f"{contender.name}: {into}"):
                    throughputs.append(throughput.measure(servers, contender, published, snapshots))
        latencies = []
        for contender in contenders:
            with progress.step(f"{contender.name}: latency at {LIVE_EVENTS_PER_SECOND:,} events/s"):
                seconds = QUICK_LIVE_SECONDS if quick else LIVE_SECONDS
                latencies.append(latency.measure(servers, contender, SHARDS, LIVE_EVENTS_PER_SECOND, seconds))
    numbers = report.markdown(events, parallelism, throughputs, latencies)
    print(f"\n{numbers}")
    if not quick:
        report.write(numbers)


def main() -> None:
    """Run it; what goes wrong is said in a sentence, with exit code 1."""
    # As an interruption: the servers are stopped and their folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("benchmarks: ended by SIGTERM"))
    try:
        typer.run(run)
    except (OpsError, WrongResultError) as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
