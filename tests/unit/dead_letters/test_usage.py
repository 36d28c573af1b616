from __future__ import annotations

import pytest
from typer.testing import CliRunner

from producer.dead_letters.commands import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["requeue", "purge"])
def test_what_changes_something_wants_to_be_told_which_letters(command: str) -> None:
    code, sentence = run(command)
    assert code == 2
    assert sentence.startswith("Say which dead letters:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("requeue", "--all", "3"),
        ("requeue", "--all", "--reason", "x"),
        ("purge", "--all", "--older-than", "7d"),
    ],
)
def test_all_contradicts_a_condition(arguments: tuple[str, ...]) -> None:
    code, sentence = run(*arguments)
    assert code == 2
    assert sentence.startswith("--all contradicts")


def test_number_zero_is_wrong_usage() -> None:
    code, sentence = run("show", "0")
    assert (code, sentence) == (2, "There is no dead letter 0: the first one in the queue is number 1.")


@pytest.mark.parametrize("age", ["soon", "999999999w"])
def test_an_age_that_is_none_is_wrong_usage(age: str) -> None:
    code, sentence = run("purge", "--older-than", age, "--yes")
    assert code == 2
    assert sentence.startswith("--older-than: ")


def test_purge_refuses_when_nobody_can_answer() -> None:
    code, sentence = run("purge", "--all")
    assert code == 2
    assert "say --yes" in sentence


def test_a_broker_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_HOST", "127.0.0.1")
    monkeypatch.setenv("RABBITMQ_PORT", "1")  # nothing listens on the port of tcpmux
    code, sentence = run("list")
    assert code == 2
    assert sentence.startswith("amqp://producer@127.0.0.1:1/")
    assert "cannot be reached" in sentence
