"""Who may ask and order over HTTP: `candlewick keys`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from producer.access.keys import Scope
from producer.api.keys import IssuedKeyReport, KeyReport
from producer.cli.client import ask
from producer.cli.output import Json, show
from producer.cli.tables import day, table
from producer.dead_letters.presentation import printable

Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of a key from `candlewick keys`.")]

app = typer.Typer(help="List the API keys; make, rotate or revoke one.")


@app.callback(invoke_without_command=True)
def keys(context: typer.Context, as_json: Json = False) -> None:
    """List the API keys; make, rotate or revoke one."""
    if context.invoked_subcommand is None:
        show(ask("GET", "/keys", list[KeyReport], parameters={"limit": 500}), as_json, keys_table)


@app.command(epilog="Example: candlewick keys make grafana --scope read")
def make(
    name: Annotated[str, typer.Argument(help="Whose it is: small letters, digits, `.`, `_`, `@`, `-`.")],
    scope: Annotated[Scope, typer.Option(help="What it may: each what those before it may.")],
    as_json: Json = False,
) -> None:
    """Make a key, which works at once; it is shown this once, because only its hash is kept."""
    order = {"name": name, "scope": scope}
    show(ask("POST", "/keys", IssuedKeyReport, body=order), as_json, issued)


@app.command(epilog="Example: candlewick keys rotate 3")
def rotate(number: Id, as_json: Json = False) -> None:
    """Give a key another secret, shown this once; the old one ends at once."""
    show(ask("POST", f"/keys/{number}/rotate", IssuedKeyReport), as_json, issued)


@app.command(epilog="Example: candlewick keys revoke 3")
def revoke(number: Id, as_json: Json = False) -> None:
    """End a key at once; it stays in the list."""
    show(ask("DELETE", f"/keys/{number}", KeyReport), as_json, lambda key: keys_table([key]))


def keys_table(known: Sequence[KeyReport]) -> Table:
    """Draw a row a key, with the dates of what became of it."""
    return table(
        {
            "ID": "number",
            "Name": "words",
            "Scope": "name",
            "Made (UTC)": "name",
            "Rotated": "name",
            "Last used": "name",
            "Revoked": "name",
        },
        (
            (
                str(key.id),
                key.name,
                key.scope,
                day(key.created_at),
                day(key.rotated_at),
                day(key.last_used_at),
                day(key.revoked_at),
            )
            for key in known
        ),
    )


def issued(key: IssuedKeyReport) -> RenderableType:
    """Draw a new key with its text, on a line of its own."""
    return Group(keys_table([key]), Text(), Text("The key, shown this once:"), Text(printable(key.key)))
