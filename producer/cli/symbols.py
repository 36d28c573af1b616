"""What is followed: `candlewick symbols`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

import typer
from rich.table import Table

from producer.api.models import SymbolReport
from producer.api.symbols import FoundSymbol
from producer.cli.client import ask
from producer.cli.completion import feed_names
from producer.cli.output import Json, note, show
from producer.cli.tables import table, text, yes

Name = Annotated[str, typer.Argument(metavar="SYMBOL", help="As in `candlewick symbols`: BTC-USD.")]
Provider = Annotated[str, typer.Option(help="Whom it comes from.", autocompletion=feed_names)]

app = typer.Typer(help="List the symbols; follow another, or one no more; search for one at a provider.")


@app.callback(invoke_without_command=True)
def symbols(context: typer.Context, as_json: Json = False) -> None:
    """List the symbols with the provider of each, and whether they are streamed now."""
    if context.invoked_subcommand is None:
        show(ask("GET", "/symbols", list[SymbolReport]), as_json, symbols_table)


@app.command(epilog="Example: candlewick symbols follow DOGE-USD --provider kraken")
def follow(symbol: Name, provider: Provider, as_json: Json = False) -> None:
    """Follow a symbol from now on, over restarts too."""
    order = {"provider": provider, "symbol": symbol}
    show(ask("POST", "/symbols", SymbolReport, body=order), as_json, lambda one: symbols_table([one]))


@app.command(epilog="Example: candlewick symbols unfollow DOGE-USD --provider kraken")
def unfollow(symbol: Name, provider: Provider) -> None:
    """Follow a symbol no more, over restarts too; its candles stay."""
    ask("DELETE", f"/symbols/{quote(provider, safe='')}/{quote(symbol, safe='/')}", type(None))
    note(f"{symbol} of {provider} is not followed any more; its candles stay.")


@app.command(epilog="Example: candlewick symbols search tesla --provider fmp")
def search(
    query: Annotated[str, typer.Argument(help="A part of a symbol or of a name.")],
    provider: Provider,
    as_json: Json = False,
) -> None:
    """Ask a provider which symbols match; it costs a call of its quota."""
    asked = {"provider": provider, "query": query}
    show(ask("GET", "/symbols/search", list[FoundSymbol], parameters=asked), as_json, found_table)


def symbols_table(known: Sequence[SymbolReport]) -> Table:
    """Draw a row a symbol."""
    return table(
        {"Symbol": "name", "Provider": "name", "Kind": "name", "Streaming": "name"},
        ((one.symbol, one.provider, one.kind, yes(one.streaming)) for one in known),
    )


def found_table(found: Sequence[FoundSymbol]) -> Table:
    """Draw a row a symbol that a provider knows."""
    return table(
        {"Symbol": "name", "Name": "words", "Venue": "words", "Currency": "name"},
        ((one.symbol, text(one.name), text(one.venue), text(one.currency)) for one in found),
    )
