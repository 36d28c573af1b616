"""The driver's errors become sentences with a way out."""

import pytest

from db.errors import explain_connection_error


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            'connection to server at "h", port 1 failed: Connection refused\n\tIs it running?',
            "nothing listens there",
        ),
        ('could not translate host name "h" to address: Name or service not known', "there is no such host"),
        ("connection to server failed: timeout expired", "the server does not answer"),
        ('FATAL:  password authentication failed for user "market_owner"', "the password is wrong"),
        ('FATAL:  database "market" does not exist', "the role or the database does not exist"),
        ("FATAL:  the database system is starting up", "still starting"),
        ("FATAL:  sorry, too many clients already", "no connection left"),
    ],
)
def test_a_known_reason_is_explained(reason: str, sentence: str) -> None:
    error = explain_connection_error(OSError(reason), "market_owner@h:1/market")
    assert str(error).startswith("Cannot connect to PostgreSQL as market_owner@h:1/market: ")
    assert sentence in str(error)


def test_an_unknown_reason_is_passed_on() -> None:
    assert str(explain_connection_error(OSError("first line\nthe server is on fire\n"), "a@b:1/c")) == (
        "Cannot connect to PostgreSQL as a@b:1/c: the server is on fire"
    )
