"""Tables and their cells; times are UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from producer.dead_letters.presentation import UNKNOWN, printable

Side = Literal["left", "right"]


def table(columns: Mapping[str, Side], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of headings, each with the side its cells stand at, and rows of cells."""
    grid = Table(box=SIMPLE_HEAD)
    for heading, side in columns.items():
        grid.add_column(heading, justify=side, overflow="fold")
    for row in rows:
        grid.add_row(*(_cell(text) for text in row))
    return grid


def facts(named: Mapping[str, str]) -> Table:
    """Return what is known of one thing, a line a fact."""
    grid = Table.grid(padding=(0, 2))
    for name, value in named.items():
        grid.add_row(_cell(name), _cell(value))
    return grid


def moment(at: datetime | None) -> str:
    """Return a time to the second."""
    return UNKNOWN if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def count(number: int | None) -> str:
    """Return a number with its thousands apart."""
    return UNKNOWN if number is None else f"{number:,}"


def text(value: object | None) -> str:
    """Return a value as it is written, a number without an exponent, and a sign where there is none."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return UNKNOWN if value is None or value == "" else str(value)


def yes(fact: bool) -> str:
    """Return yes or no."""
    return "yes" if fact else "no"


def _cell(value: str) -> Text:
    # Text, because in a plain string rich would take "[...]" for markup.
    return Text(printable(value))
