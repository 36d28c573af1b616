"""What is due when, and hands on it: `candlewick schedule`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import RenderableType

from producer.api.schedule import JobReport
from producer.cli.client import ask
from producer.cli.output import Json, show
from producer.cli.tables import moment, remarks, table, text, yes

Name = Annotated[str, typer.Argument(help="A job from `candlewick schedule`.")]

app = typer.Typer(help="List the jobs of the schedule; pause, resume or run one.")


@app.callback(invoke_without_command=True)
def schedule(context: typer.Context, as_json: Json = False) -> None:
    """List the jobs of the schedule; pause, resume or run one."""
    if context.invoked_subcommand is None:
        show(ask("GET", "/schedule", list[JobReport]), as_json, jobs_table)


@app.command(epilog="Example: candlewick schedule pause refresh-coinbase")
def pause(name: Name, as_json: Json = False) -> None:
    """Let a job not be due until it is resumed, over restarts too; one that runs goes on."""
    _order(name, "pause", as_json)


@app.command(epilog="Example: candlewick schedule resume refresh-coinbase")
def resume(name: Name, as_json: Json = False) -> None:
    """Let a job be due again; what was missed meanwhile is not made up for."""
    _order(name, "resume", as_json)


@app.command(epilog="Example: candlewick schedule run fill-gaps")
def run(name: Name, as_json: Json = False) -> None:
    """Start a job now, paused or not, and don't wait for its end."""
    _order(name, "run", as_json)


def jobs_table(jobs: Sequence[JobReport]) -> RenderableType:
    """Draw a row a job, and beneath them what became of each last."""
    drawn = table(
        {
            "Job": "name",
            "Next (UTC)": "words",
            "Paused": "name",
            "Running": "name",
            "Last (UTC)": "words",
            "Ended": "name",
        },
        (
            (
                job.name,
                moment(job.next_run_at),
                yes(job.paused),
                yes(job.running),
                moment(job.last_started_at),
                text(job.last_status),
            )
            for job in jobs
        ),
    )
    return remarks(drawn, {job.name: job.last_detail or "" for job in jobs})


def _order(name: str, verb: str, as_json: bool) -> None:
    answer = ask("POST", f"/schedule/{quote(name, safe='')}/{verb}", JobReport)
    show(answer, as_json, lambda job: jobs_table([job]))
