"""The numbers as a Markdown section, and its place in README.md."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.latency import Latency
from benchmarks.throughput import Throughput

README = Path(__file__).parent / "README.md"
BEGIN = "<!-- numbers: begin -->"
END = "<!-- numbers: end -->"


def markdown(
    events: int, parallelism: int, throughputs: Iterable[Throughput], latencies: Iterable[Latency]
) -> str:
    """Everything that was measured, with the machine and the day."""
    memory = psutil.virtual_memory().total / 2**30
    subject = (
        f"{events:,} events, {datetime.now(UTC):%Y-%m-%d}, parallelism {parallelism}, on {_processor()}, "
        f"{os.cpu_count()} cores, {memory:.0f} GiB; all servers on the same machine. "
        f"The load average at the end was {os.getloadavg()[2]:.1f} over 15 minutes."
    )
    lines = [
        subject,
        "",
        "| | into | events/s | CPU-s per million: itself | RabbitMQ | PostgreSQL | peak memory |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for run in throughputs:
        into = "candles, snapshots" if run.snapshots else "candles"
        lines.append(
            f"| {run.contender} | {into} | {run.events_per_second:,.0f} | {run.cpu[run.contender]:.1f} "
            f"| {run.cpu['RabbitMQ']:.1f} | {run.cpu['PostgreSQL']:.1f} | {run.memory / 2**20:,.0f} MiB |"
        )
    lines += [
        "",
        "| published to | at events/s | snapshot p50 | p99 | unfinished candle p50 | p99 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for latency in latencies:
        lines.append(
            f"| {latency.contender} | {latency.events_per_second:,} "
            f"| {latency.snapshot_p50:,.0f} ms | {latency.snapshot_p99:,.0f} ms "
            f"| {latency.candle_p50:,.0f} ms | {latency.candle_p99:,.0f} ms |"
        )
    return "\n".join(lines)


def write(numbers: str, readme: Path = README) -> None:
    """Put the numbers where those of the last run stand."""
    text = readme.read_text()
    head, rest = text.split(BEGIN)
    readme.write_text(f"{head}{BEGIN}\n{numbers}\n{END}{rest.split(END)[1]}")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "an unnamed processor"
