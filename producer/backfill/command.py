"""The command that fetches bars of the past, with a progress bar for a person.

Exit codes: 0 when nothing is missing any more that the provider has, 1 when something is.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from db.settings import DatabaseSettings
from producer.api.models import RunReport
from producer.backfill.ledger import Ledger
from producer.backfill.request import BackfillRequest, checked_request
from producer.backfill.service import Outcome
from producer.backfill.service import Progress as Reached
from producer.backfill.session import BackfillRuns
from producer.bars import Interval
from producer.broker import BrokerAddress
from producer.cancellation import cancelled
from producer.database import Database
from producer.errors import ProducerError
from producer.events import clock_micros, to_datetime, to_micros
from producer.providers.protocol import Provider
from producer.providers.registry import providers
from producer.quota.ledger import QuotaLedger
from producer.runs import RunReader
from producer.settings import ProducerSettings, load_settings
from producer.topology import Topology

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

notes = Console(stderr=True, highlight=False)
output = Console(highlight=False, soft_wrap=True)

Moment = datetime | None
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def main(
    symbols: Annotated[
        list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="All that the provider has by itself.")
    ] = None,
    provider: Annotated[str, typer.Option(help="Whom to ask.")] = "history",
    interval: Annotated[
        str | None, typer.Option(help=f"{', '.join(get_args(Interval))}; the longest that the provider has.")
    ] = None,
    start: Annotated[Moment, typer.Option("--from", formats=FORMATS, help="The first bar, UTC.")] = None,
    end: Annotated[
        Moment, typer.Option("--to", formats=FORMATS, help="The end, itself not in it, UTC; now.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also what was answered before: prices may be adjusted anew.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run as JSON, as `GET /runs/{id}` answers it.")
    ] = False,
) -> None:
    """Fetch the bars that are missing, and only those; started again, go on where it stopped."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if interval is not None and interval not in get_args(Interval):
        raise typer.BadParameter(f"--interval {interval!r} is none of {', '.join(get_args(Interval))}")
    try:
        settings = load_settings()
        database = Database(DatabaseSettings())
        known = providers(settings, QuotaLedger(database))
        request = checked_request(
            known,
            provider,
            tuple(symbols or ()),
            cast("Interval | None", interval),
            _micros(start),
            _micros(end),
            clock_micros(),
            again=again,
        )
        ended = asyncio.run(_interruptible(settings, known, database, request))
    except ProducerError as error:
        notes.print(f"Failed: {error}", style="red", soft_wrap=True, markup=False)
        raise typer.Exit(EXIT_FAILED) from None
    if ended is None:
        notes.print("Stopped. Start it again to go on.", style="red")
        raise typer.Exit(EXIT_INTERRUPTED)
    outcome, report = ended
    for failure in outcome.failures:
        notes.print(f"Failed: {failure}", style="red", soft_wrap=True, markup=False)
    if as_json:
        output.print(report.model_dump_json(), markup=False)
    else:
        _print_summary(request, outcome)
    if outcome.failures:
        raise typer.Exit(EXIT_FAILED)


async def _interruptible(
    settings: ProducerSettings, known: dict[str, Provider], database: Database, request: BackfillRequest
) -> tuple[Outcome, RunReport] | None:
    """Carry the request out; None when it was interrupted or terminated, which the run then says."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outcomes: list[tuple[Outcome, RunReport]] = []

    async def carry_out() -> None:
        outcomes.append(await _carry_out(settings, known, database, request))

    running = asyncio.create_task(carry_out(), name="backfill")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    await cancelled(running)
    with suppress(asyncio.CancelledError):
        running.result()
    return outcomes[0] if outcomes else None


async def _carry_out(
    settings: ProducerSettings, known: dict[str, Provider], database: Database, request: BackfillRequest
) -> tuple[Outcome, RunReport]:
    runs = BackfillRuns(
        known,
        Ledger(database),
        BrokerAddress.from_settings(settings),
        Topology.from_settings(settings),
    )
    try:
        run = await runs.open(request)
        # A bar for a person alone: in a log it would be a line of noise.
        with _progress_bar() as bar:
            task = bar.add_task(request.provider, total=None, bars="")

            def show(reached: Reached) -> None:
                bar.update(
                    task,
                    description=f"{reached.symbol} {request.interval}",
                    total=reached.calls,
                    completed=reached.answered,
                    bars=f"{reached.bars:,} bars",
                )

            outcome = await runs.carry_out(run, request, show)
        return outcome, RunReport.model_validate(dict(await RunReader(database).run(run.run_id)))
    finally:
        await database.close()


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[bars]}"),
        TimeRemainingColumn(),
        console=notes,
        disable=not notes.is_terminal,
    )


def _print_summary(request: BackfillRequest, outcome: Outcome) -> None:
    wanted = request.wanted
    output.print(
        f"{request.provider}: {outcome.missing:,} bars of {request.interval} were missing of "
        f"{', '.join(request.symbols)} from {to_datetime(wanted.start):%Y-%m-%d %H:%M} to "
        f"{to_datetime(wanted.end):%Y-%m-%d %H:%M} UTC; {outcome.bars:,} came in {outcome.calls:,} calls and "
        f"are confirmed by the broker."
    )


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment.replace(tzinfo=UTC))
