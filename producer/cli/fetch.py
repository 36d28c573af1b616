"""Quotes of the moment: `candlewick fetch`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from producer.api.models import FetchReport
from producer.cli.client import ask
from producer.cli.completion import feed_names
from producer.cli.output import Json, note, show
from producer.cli.tables import moment, table, text


def fetch(
    symbols: Annotated[list[str], typer.Argument(metavar="SYMBOL", help="At most 50.")],
    provider: Annotated[str, typer.Option(help="Whom to ask.", autocompletion=feed_names)] = "coinbase",
    as_json: Json = False,
) -> None:
    """Fetch one quote a symbol and publish it; done when the broker has confirmed them all.

    Where a symbol has none, the others are published; the reason is told and the exit code is 1.
    """
    order = {"symbols": symbols, "provider": provider}
    answer = ask("POST", "/fetch-data", FetchReport, body=order)
    show(answer, as_json, quotes_table)
    if not as_json:
        number = answer.content.confirmed_events
        note(f"{number} quote{'' if number == 1 else 's'} of {provider}, confirmed by the broker.")
    for symbol, reason in answer.content.failures.items():
        note(f"{symbol}: {reason}")
    if answer.content.failures:
        raise typer.Exit(1)


def quotes_table(report: FetchReport) -> Table:
    """Draw a row a quote, prices digit for digit."""
    return table(
        {"Symbol": "name", "Price": "number", "Bid": "number", "Ask": "number", "Time (UTC)": "words"},
        (
            (text(one.symbol), text(one.price), text(one.bid), text(one.ask), moment(one.event_time))
            for one in report.quotes
        ),
    )
