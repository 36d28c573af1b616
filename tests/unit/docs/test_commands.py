"""Every command of the documentation can be typed as it stands there.

What the commands do is held by tests of their own; here, that they, their subcommands and options exist.
"""

import re
import runpy
import subprocess
from collections.abc import Iterator

import pytest
import typer
from alembic.config import CommandLine
from typer.core import TyperGroup
from typer.testing import CliRunner

from ops.settings import REPOSITORY
from producer.cli.app import app
from tests.documents import commands, words

CHOICE = re.compile(r"\{([^}]*)\}")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


def variants(usage: str) -> Iterator[str]:
    """What a line of usage stands for: each choice of `{a,b}` and `N|max`, with all that is in brackets."""
    if choice := CHOICE.search(usage):
        for part in choice[1].split(","):
            yield from variants(usage[: choice.start()] + part + usage[choice.end() :])
    elif "|" in usage:
        head, _, rest = usage.partition("|")
        yield from variants(head + rest[len(rest.split("]")[0].split(" ")[0]) :])
        yield from variants(head[: max(head.rfind(" "), head.rfind("[")) + 1] + rest)
    else:
        yield re.sub(r"[\[\]]", "", usage)


def test_a_line_of_usage_stands_for_all_its_choices() -> None:
    assert sorted(variants("x FILE --of {a,b} [--speed N|max] [--now]")) == [
        "x FILE --of a --speed N --now",
        "x FILE --of a --speed max --now",
        "x FILE --of b --speed N --now",
        "x FILE --of b --speed max --now",
    ]


@pytest.mark.parametrize("command", commands("make"))
def test_make_knows_the_target(command: str) -> None:
    result = subprocess.run(
        ["make", "--dry-run", *words(command)[1:]],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_every_target_is_documented() -> None:
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text()))
    shown = subprocess.run(
        ["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in shown.splitlines()} == targets


# Another test may have imported the module that is run.
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("command", [one for usage in commands("python") for one in variants(usage)])
def test_python_knows_the_module_its_subcommand_and_its_options(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dash_m, module, *arguments = words(command)[1:]
    assert dash_m == "-m"
    monkeypatch.setattr("sys.argv", [module, *arguments, "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    printed = capsys.readouterr()
    assert end.value.code == 0, printed.err
    assert "usage" in printed.out.lower()


@pytest.mark.parametrize("command", [one for usage in commands("candlewick") for one in variants(usage)])
def test_candlewick_knows_the_command_and_its_options(command: str) -> None:
    result = CliRunner().invoke(app, [*words(command)[1:], "--help"])
    assert result.exit_code == 0, result.output


def test_every_command_of_candlewick_is_documented() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert set(group.commands) <= {words(command)[1] for command in commands("candlewick")}


@pytest.mark.parametrize("command", commands("alembic"))
def test_alembic_knows_the_command_and_its_options(command: str) -> None:
    assert CommandLine().parser.parse_args(words(command)[1:]).cmd
