"""What was done and what is missing: `candlewick runs` and `candlewick gaps`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table

from producer.api.models import GapReport, RunKind, RunReport, RunStatus
from producer.cli.client import ask
from producer.cli.output import Json, show
from producer.cli.tables import count, facts, moment, remarks, table, text
from producer.dead_letters.presentation import UNKNOWN

Limit = Annotated[int | None, typer.Option(min=1, max=500, help="So many at most; 50 by default.")]


def runs(
    number: Annotated[int | None, typer.Argument(metavar="ID", help="Show this one alone.")] = None,
    kind: Annotated[RunKind | None, typer.Option(help="Only runs of this kind.")] = None,
    status: Annotated[RunStatus | None, typer.Option(help="Only runs that are so.")] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List the newest fetches, streams, backfills and replays, or show one of them."""
    filters = {"kind": kind, "status": status, "limit": limit}
    if number is None:
        show(ask("GET", "/runs", list[RunReport], parameters=filters), as_json, runs_table)
    elif any(filters.values()):
        raise typer.BadParameter("A run's number already says which: leave --kind, --status and --limit out.")
    else:
        show(ask("GET", f"/runs/{number}", RunReport), as_json, run_facts)


def gaps(
    symbol: Annotated[str | None, typer.Option(help="Only gaps of this symbol.")] = None,
    is_open: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only those not filled, or filled.")
    ] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List the times for which data is, or was, missing: those that began last first."""
    parameters = {"symbol": symbol, "open": is_open, "limit": limit}
    show(ask("GET", "/gaps", list[GapReport], parameters=parameters), as_json, gaps_table)


def runs_table(listed: Sequence[RunReport]) -> RenderableType:
    """Draw a row a run, and beneath them why one has failed."""
    drawn = table(
        {
            "ID": "number",
            "Kind": "name",
            "Source": "name",
            "Status": "name",
            "Started (UTC)": "words",
            "Took": "number",
            "Events": "number",
            "Calls": "number",
        },
        (
            (
                str(run.id),
                run.kind,
                run.source,
                run.status,
                moment(run.started_at),
                took(run),
                count(run.event_count),
                count(run.call_count),
            )
            for run in listed
        ),
    )
    return remarks(drawn, {f"Run {run.id}": run.error or "" for run in listed})


def run_facts(run: RunReport) -> Table:
    """Draw all that is known of one run."""
    asked = {
        name: ", ".join(map(str, one)) if isinstance(one, list) else one for name, one in run.request.items()
    }
    return facts(
        {
            "Run": str(run.id),
            "Kind": run.kind,
            "Source": run.source,
            **{f"Asked for {name}": text(value) for name, value in asked.items()},
            "Status": run.status,
            "Started": f"{moment(run.started_at)} UTC",
            "Took": took(run),
            "Events": count(run.event_count),
            "Calls": count(run.call_count),
            "Error": text(run.error),
        }
    )


def gaps_table(listed: Sequence[GapReport]) -> Table:
    """Draw a row a gap."""
    return table(
        {
            "ID": "number",
            "Symbol": "name",
            "Source": "name",
            "Reason": "words",
            "From (UTC)": "words",
            "To (UTC)": "words",
            "Missing": "number",
            "Closed (UTC)": "words",
        },
        (
            (
                str(gap.id),
                gap.symbol,
                gap.source,
                gap.reason.replace("_", " "),
                moment(gap.started_at),
                moment(gap.ended_at),
                count(gap.missing_count),
                moment(gap.closed_at),
            )
            for gap in listed
        ),
    )


def took(run: RunReport) -> str:
    """Say how long a run has taken, to the second; nothing while it goes on."""
    if run.finished_at is None:
        return UNKNOWN
    minutes, seconds = divmod(round((run.finished_at - run.started_at).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
