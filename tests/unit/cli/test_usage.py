"""Every command helps with an example that it takes, and wrong usage is told at once."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from producer.cli.app import app
from producer.cli.completion import feed_names


def commands(group: TyperGroup, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *path, name)
        yield (*path, name)


ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)
PATHS = sorted(commands(ROOT))


def run(*arguments: str) -> tuple[int, str]:
    # Wide, so that no sentence is broken.
    result = CliRunner(env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"}).invoke(app, arguments)
    return result.exit_code, result.output


def test_the_commands_are_those() -> None:
    assert {" ".join(path) for path in PATHS} == {
        *("symbols", *(f"symbols {name}" for name in ("follow", "unfollow", "search"))),
        *("schedule", *(f"schedule {name}" for name in ("pause", "resume", "run"))),
        *("keys", *(f"keys {name}" for name in ("make", "rotate", "revoke"))),
        *("status", "providers", "feeds", "stream", "stream start", "stream stop"),
        *("fetch", "backfill", "runs", "gaps", "replay", "dead-letters"),
        "alerts",
        *(f"alerts {name}" for name in ("list", "show", "create", "update", "delete")),
        *(f"alerts {name}" for name in ("enable", "disable", "events", "test")),
        *(f"dead-letters {name}" for name in ("list", "show", "requeue", "purge")),
        "forecast",
        *(f"forecast {name}" for name in ("run", "list", "scores", "backtest")),
    }


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_ends_with_an_example_of_the_command_that_it_takes(path: tuple[str, ...]) -> None:
    code, text = run(*path, "--help")
    assert code == 0
    (example,) = [line.strip() for line in text.splitlines() if line.strip().startswith("Example:")]
    prompt, program, *arguments = shlex.split(example)
    assert (prompt, program, tuple(arguments[: len(path)])) == ("Example:", "candlewick", path)
    assert run(*arguments, "--help")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fetch",), "Missing argument"),
        (("runs", "7", "--kind", "backfill"), "leave --kind, --status and --limit out"),
        (("runs", "seven"), "should be a valid integer"),
        (("runs", "--kind", "walk"), "'walk' is not one of"),
        (("gaps", "--limit", "0"), "greater than or equal to 1"),
        (("stream", "restart"), "No such command 'restart'"),
        (("symbols", "follow", "BTC-USD"), "Missing option '--provider'"),
        (("keys", "make", "me", "--scope", "all"), "'all' is not one of"),
        (("keys", "revoke", "0"), "greater than or equal to 1"),
        (("backfill", "--interval", "2m"), "is none of 1m, 5m, 15m, 1h, 1d"),
        (("alerts", "create", "walk", "BTC-USD"), "'walk' is not one of"),
        (("alerts", "create", "price_cross", "BTC-USD", "65000"), "write it as NAME=VALUE"),
        (("alerts", "create", "feed_silent", "BTC-USD", "minutes=ten"), "minutes: 'ten' is no number"),
        (("alerts", "update", "3"), "Nothing is to be changed"),
        (("alerts", "update", "3", "--email", "a@example.com", "--no-email"), "contradicts --no-email"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(arguments: tuple[str, ...], sentence: str) -> None:
    code, text = run(*arguments)
    assert (code, sentence in text) == (2, True), text


def test_the_shell_completes_names_of_feeds() -> None:
    assert feed_names("al") == ["alpaca", "alpha_vantage"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [("candlewick dead", "dead-letters"), ("candlewick stream start kra", "kraken")],
)
def test_the_shell_is_offered_what_can_follow(line: str, offered: str) -> None:
    environment = {
        "_CANDLEWICK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }
    result = CliRunner().invoke(app, prog_name="candlewick", env=environment)
    assert result.output.split() == [offered]
