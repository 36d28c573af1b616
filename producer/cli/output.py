"""What is printed: tables for a person, JSON for a program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console, RenderableType

from producer.cli.client import Answer

Content = TypeVar("Content")

Json = Annotated[bool, typer.Option("--json", help="Print JSON; so it is when the output is no terminal.")]


def wants_json(asked: bool) -> bool:
    """Say whether to print JSON: it was asked for, or no person is looking."""
    return asked or not sys.stdout.isatty()


def show(answer: Answer[Content], asked_for_json: bool, draw: Callable[[Content], RenderableType]) -> None:
    """Print an answer as one JSON document, digit for digit as it came, or as it is drawn."""
    if wants_json(asked_for_json):
        typer.echo(msgspec.json.format(answer.body, indent=2).decode())
    else:
        Console(highlight=False).print(draw(answer.content))


def note(sentence: str) -> None:
    """Say something beside the output, to a person alone."""
    if not wants_json(False):
        typer.echo(sentence, err=True)
