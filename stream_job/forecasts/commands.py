"""The command line: ``candlewick forecast run|list|scores|backtest``, and ``python -m stream_job.forecasts``.

Exit codes: 0 done, 1 not done: a series could not be forecast that was asked for, or that should have been.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
import typer
from pydantic import ValidationError
from rich.console import Console, RenderableType
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from db.connection import connect
from db.errors import DatabaseError
from db.settings import DatabaseSettings
from producer.cli.output import Json, wants_json
from stream_job.errors import JobError
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.presentation import forecasts_table, run_report, scores_table
from stream_job.forecasts.reports import RunReport, backtests, newest_forecasts
from stream_job.forecasts.reports import scores as rolling_scores
from stream_job.forecasts.settings import ForecastSettings

BOTH: tuple[ForecastInterval, ...] = ("1h", "1d")

app = typer.Typer(
    help="Forecasts of the next hour's and the next day's close, with intervals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Symbols = Annotated[
    list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="All that are followed by itself.")
]
Interval = Annotated[ForecastInterval | None, typer.Option(help="Only this one; both by itself.")]
Calendar = Annotated[str | None, typer.Option(help="Only symbols of this calendar: XNYS, 24/7.")]


@app.command(epilog="Example: candlewick forecast run AAPL --interval 1d")
def run(
    symbols: Symbols = None, interval: Interval = None, calendar: Calendar = None, as_json: Json = False
) -> None:
    """Score the forecasts that have come true, then forecast the next candle of each series."""
    _carry_out(symbols, interval, calendar, as_json, only_backtest=False)


@app.command(epilog="Example: candlewick forecast backtest AAPL MSFT --interval 1d")
def backtest(symbols: Symbols = None, interval: Interval = None, as_json: Json = False) -> None:
    """Backtest every model anew, and choose the one that later runs forecast with."""
    _carry_out(symbols, interval, None, as_json, only_backtest=True)


@app.command("list", epilog="Example: candlewick forecast list --interval 1d")
def list_(
    symbols: Symbols = None,
    interval: Interval = None,
    all_models: Annotated[
        bool, typer.Option("--models", help="Every model's, not the chosen one's alone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the newest forecast of each series."""
    with _said_in_a_sentence(), _database() as connection:
        listed = newest_forecasts(connection, symbols or (), interval, all_models=all_models)
    _print(listed, as_json, forecasts_table)


@app.command(epilog="Example: candlewick forecast scores --last 50")
def scores(
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    last: Annotated[int, typer.Option(min=1, help="Over so many forecasts of each model.")] = 100,
    as_json: Json = False,
) -> None:
    """Show what became of the newest forecasts: MASE and coverage of each model."""
    with _said_in_a_sentence(), _database() as connection:
        listed = rolling_scores(connection, last, symbol)
    _print(listed, as_json, scores_table)


def _carry_out(
    symbols: list[str] | None,
    interval: ForecastInterval | None,
    calendar: str | None,
    as_json: bool,
    *,
    only_backtest: bool,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # numpy and scikit-learn are large, and every command of candlewick would wait for them.
    from stream_job.forecasts import run as running

    wanted = BOTH if interval is None else (interval,)
    with _said_in_a_sentence():
        outcome = running.run(
            ForecastSettings.load(),
            DatabaseSettings(),
            symbols or (),
            wanted,
            calendar,
            only_backtest=only_backtest,
        )
        with _database() as connection:
            report = RunReport(
                scored=outcome.scored,
                forecasts=[] if only_backtest else newest_forecasts(connection, keys=outcome.done),
                backtests=backtests(connection, outcome.done) if only_backtest else [],
                left_out=outcome.left_out,
                failed=outcome.failed,
                postponed=outcome.postponed,
            )
    _print(report, as_json, run_report)
    if outcome.failed or (symbols and outcome.left_out and not outcome.done):
        raise typer.Exit(1)


@contextmanager
def _database() -> Iterator[Connection]:
    with connect(DatabaseSettings(), "market_writer") as connection:
        yield connection


@contextmanager
def _said_in_a_sentence() -> Iterator[None]:
    """Turn what can go wrong into a sentence on stderr and exit code 1."""
    try:
        yield
    except (JobError, DatabaseError) as error:
        reason = str(error)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors())
        reason = f"{'; '.join(faults)}. Correct it in the env file or in the environment."
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        reason = f"The database has failed: {cause}. If a table is missing: alembic upgrade head."
    else:
        return
    typer.echo(reason, err=True)
    raise typer.Exit(1)


def _print(document: Any, as_json: bool, draw: Callable[[Any], RenderableType]) -> None:
    if wants_json(as_json):
        typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    else:
        Console(highlight=False).print(draw(document))
