"""What the documentation shows: its commands, examples, links and names."""

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ops.settings import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("docs/*.md")), REPOSITORY / "benchmarks/README.md"]
PYTHON = {"python", "pycon"}
ASSIGNMENT = re.compile(r"\w+=\S*")
CONTINUED = re.compile(r"\\\n\s*")
COMMAND = re.compile(r"(\w+=\S* )*(make|python|alembic|candlewick|curl) ")
# The prompt before it; the comment and what the output is piped into behind it.
NOT_THE_COMMAND = re.compile(r"^\$ | \| .*$|\s+# .*$")


@dataclass(frozen=True)
class Link:
    """Where a link or an image of a page points to."""

    page: Path
    target: str


@dataclass(frozen=True)
class Example:
    """A block of Python, and the line before it."""

    page: Path
    line: int
    code: str


def examples() -> list[Example]:
    """Every block of Python."""
    return [
        Example(page, token.map[0] + 1, token.content)
        for page in PAGES
        for token in _tokens(page)
        if token.type == "fence" and token.info in PYTHON and token.map
    ]


def spans() -> Iterator[str]:
    """Every piece of code inside the text."""
    for page in PAGES:
        yield from (token.content for token in _tokens(page) if token.type == "code_inline")


def commands(program: str) -> list[str]:
    """The command lines that call a program, each once, as they are in the text or in a block of code.

    Without the prompt, the comment and what the output is piped into.
    """
    found = {command for page in PAGES for command in _commands(page)}
    return sorted(command for command in found if words(command)[0] == program)


def words(command: str) -> list[str]:
    """The program and its arguments, without the variables that are set for it."""
    split = shlex.split(command, comments=True)
    while split and ASSIGNMENT.fullmatch(split[0]):
        split.pop(0)
    return split


def links() -> list[Link]:
    """Every link and image."""
    return [
        Link(page, str(token.attrs[name]))
        for page in PAGES
        for token in _tokens(page)
        for name in ("href", "src")
        if name in token.attrs
    ]


def anchors(page: Path) -> set[str]:
    """The names under which links reach a page's headings."""
    tokens = MarkdownIt("commonmark").parse(page.read_text())
    headings = (after for token, after in itertools.pairwise(tokens) if token.type == "heading_open")
    return {re.sub(r"[^\w -]", "", heading.content).strip().lower().replace(" ", "-") for heading in headings}


def _tokens(page: Path) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        yield token
        yield from token.children or ()


def _commands(page: Path) -> Iterator[str]:
    for token in _tokens(page):
        if token.type in {"fence", "code_block", "code_inline"} and token.info not in PYTHON:
            for line in CONTINUED.sub(" ", token.content).splitlines():
                command = NOT_THE_COMMAND.sub("", line.strip())
                if COMMAND.match(command):
                    yield command
