"""Tables and their cells; times are UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from producer.dead_letters.presentation import UNKNOWN, printable

# A name and a number stay whole on a narrow terminal; words go on in the next line.
Kind = Literal["name", "number", "words"]


def table(columns: Mapping[str, Kind], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of headings, each with the kind of its cells, and rows of cells."""
    grid = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for heading, kind in columns.items():
        side: Literal["left", "right"] = "right" if kind == "number" else "left"
        grid.add_column(heading, justify=side, overflow="fold", no_wrap=kind != "words")
    for row in rows:
        grid.add_row(*(_cell(text) for text in row))
    return grid


def remarks(on: RenderableType, said: Mapping[str, str]) -> RenderableType:
    """Return what is drawn, and beneath it a line for each name that there is something to say of."""
    lines = [_cell(f"{name}: {sentence}") for name, sentence in said.items() if sentence]
    return Group(on, *([Text(), *lines] if lines else []))


def facts(named: Mapping[str, str]) -> Table:
    """Return what is known of one thing, a line a fact."""
    grid = Table.grid(padding=(0, 2))
    for name, value in named.items():
        grid.add_row(_cell(name), _cell(value))
    return grid


def moment(at: datetime | None) -> str:
    """Return a time to the second."""
    return UNKNOWN if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def day(at: datetime | None) -> str:
    """Return the UTC date of a time."""
    return UNKNOWN if at is None else at.astimezone(UTC).strftime("%Y-%m-%d")


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
