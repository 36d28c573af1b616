"""The command line: ``python -m producer.dead_letters list|show|requeue|purge``.

Exit codes: 0 done, 1 nothing matched, 2 wrong usage or trouble with the broker.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from producer.broker import BrokerAddress
from producer.dead_letters import actions
from producer.dead_letters.age import parse_age
from producer.dead_letters.errors import SelectionError
from producer.dead_letters.presentation import as_json, opened_as_json, opened_as_text, table
from producer.dead_letters.selection import Selection, numbers_and_ids, source_queue_of
from producer.errors import ProducerError
from producer.settings import ProducerSettings, load_settings
from producer.topology import Topology

NOTHING_MATCHED = 1
FAILED = 2

Result = TypeVar("Result")

app = typer.Typer(
    help="Look at the events that the job could not accept, and bring them back or remove them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON; so it is when the output is no terminal.")]
Reason = Annotated[str | None, typer.Option(help="Only letters whose reason contains this text.")]


@app.callback()
def _quiet_libraries() -> None:
    # Without a handler, Python prints what the libraries log beside our own sentence.
    logging.basicConfig(handlers=[logging.NullHandler()])


@app.command("list", epilog="Example: candlewick dead-letters list --reason price")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Print so many letters at most.")] = 100,
    queue: Annotated[
        str | None, typer.Option(metavar="SHARD", help="Only letters from this shard, by number or name.")
    ] = None,
    reason: Reason = None,
    as_json_lines: Json = False,
) -> None:
    """List the dead letters, oldest first, a line each, and leave them all where they are."""
    selection = Selection(reason=reason, source_queue=None if queue is None else source_queue_of(queue))
    listing = _run(actions.list_letters(_address(_settings()), selection, limit))
    if not listing.letters:
        _end_with_nothing(listing.total)
    if _wants_json(as_json_lines):
        for letter in listing.letters:
            typer.echo(json.dumps(as_json(letter)))
    else:
        Console().print(table(listing.letters))
        typer.echo(f"{len(listing.letters)} of {listing.total} dead letters.", err=True)


@app.command(epilog="Example: candlewick dead-letters show 3")
def show(
    letter: Annotated[
        str,
        typer.Argument(metavar="NUMBER|ID", help="A number or id from the list, or a batch's message id."),
    ],
    as_json_lines: Json = False,
) -> None:
    """Show all that is in a dead letter: its headers, and its body indented or dumped."""
    opened = _run(actions.open_letters(_address(_settings()), _named([letter])))
    if not opened:
        _fail(f"No dead letter is called {letter!r}: `list` prints numbers and ids.", NOTHING_MATCHED)
    if _wants_json(as_json_lines):
        for one in opened:
            typer.echo(json.dumps(opened_as_json(one)))
    else:
        typer.echo("\n\n".join(opened_as_text(one) for one in opened))


@app.command(epilog="Example: candlewick dead-letters requeue --reason 'unknown kind'")
def requeue(
    letters: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER|ID]...", help="Numbers or ids from the list.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Requeue all dead letters.")] = False,
    reason: Reason = None,
    as_json_lines: Json = False,
) -> None:
    """Bring dead letters back to the queues that they came from, to be read again."""
    selection = _named(letters or [], reason=reason)
    _check_chosen(selection, everything, "numbers, --reason")
    settings = _settings()
    topology = Topology.from_settings(settings)
    result = _run(actions.requeue(_address(settings), topology, selection))
    if not result.requeued and not result.stranded:
        _fail("No dead letter matches; nothing was requeued.", NOTHING_MATCHED)
    _report("requeued", result.requeued, as_json_lines)
    if result.stranded:
        _fail(
            f"{result.stranded} of the matching dead letters stay: their queue is neither market.bars nor "
            f"market.alerts nor one of the {topology.shards} streams that EVENT_SHARDS configures, or does "
            f"not exist, or their body was too large to be kept whole. `show` tells.",
            FAILED,
        )


@app.command(epilog="Example: candlewick dead-letters purge --older-than 7d")
def purge(
    everything: Annotated[bool, typer.Option("--all", help="Remove all dead letters.")] = False,
    older_than: Annotated[
        str | None, typer.Option(metavar="AGE", help="Only letters rejected longer ago, like 12h or 7d.")
    ] = None,
    reason: Reason = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json_lines: Json = False,
) -> None:
    """Remove dead letters for good."""
    selection = Selection(reason=reason, rejected_before=_moment_before(older_than))
    _check_chosen(selection, everything, "--older-than, --reason")
    address = _address(_settings())
    if not yes:
        selection = _confirmed(address, selection)
    removed = _run(actions.purge(address, selection))
    if not removed:
        _fail("No dead letter matches; nothing was removed.", NOTHING_MATCHED)
    _report("purged", removed, as_json_lines)


def _confirmed(address: BrokerAddress, selection: Selection) -> Selection:
    if not sys.stdin.isatty():
        _fail("purge asks before it removes, and nobody can answer here: say --yes.", FAILED)
    found = _run(actions.list_letters(address, selection)).letters
    if not found:
        _fail("No dead letter matches; nothing was removed.", NOTHING_MATCHED)
    typer.confirm(f"Remove {_counted(len(found))} for good?", abort=True, err=True)
    # Only what was counted: a letter that came while the question stood is not removed unseen.
    return Selection(ids=frozenset(letter.letter_id for letter in found))


def _named(names: list[str], reason: str | None = None) -> Selection:
    try:
        numbers, ids = numbers_and_ids(names)
    except SelectionError as error:
        _fail(error.detail, FAILED)
    return Selection(numbers=numbers, ids=ids, reason=reason)


def _check_chosen(selection: Selection, everything: bool, conditions: str) -> None:
    if everything == selection.is_everything:
        return
    sentence = (
        f"--all contradicts {conditions}: give one or the other."
        if everything
        else f"Say which dead letters: {conditions}, or --all."
    )
    _fail(sentence, FAILED)


def _moment_before(age: str | None) -> datetime | None:
    if age is None:
        return None
    try:
        return datetime.now(UTC) - parse_age(age)
    except (ValueError, OverflowError) as error:
        _fail(f"--older-than: {error}", FAILED)


def _settings() -> ProducerSettings:
    try:
        return load_settings()
    except ProducerError as error:
        _fail(error.detail, FAILED)


def _address(settings: ProducerSettings) -> BrokerAddress:
    return BrokerAddress.from_settings(settings)


def _run(action: Coroutine[Any, Any, Result]) -> Result:
    try:
        return asyncio.run(action)
    except ProducerError as error:
        _fail(error.detail, FAILED)


def _wants_json(asked: bool) -> bool:
    return asked or not sys.stdout.isatty()


def _report(done: str, number: int, asked_for_json: bool) -> None:
    if _wants_json(asked_for_json):
        typer.echo(json.dumps({done: number}))
    else:
        typer.echo(f"{done.capitalize()} {_counted(number)}.")


def _counted(number: int) -> str:
    return f"{number} dead letter{'' if number == 1 else 's'}"


def _end_with_nothing(total: int) -> NoReturn:
    _fail(
        f"None of the {_counted(total)} matches." if total else "There are no dead letters.", NOTHING_MATCHED
    )


def _fail(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
