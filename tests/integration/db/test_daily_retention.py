"""Old rows go by themselves: at the start, every day, and as soon as the database is back."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from db.daily_retention import DAY, drop_daily
from db.settings import DatabaseSettings
from tests.integration.db.server import Connect, stopped, use
from tests.integration.db.snapshots import TODAY, add_snapshot, name, partitions
from tests.integration.db.waiting import until

OLD = TODAY - timedelta(days=40)
OLDER = TODAY - timedelta(days=41)


@contextmanager
def dropping(database: DatabaseSettings, every: timedelta = DAY) -> Iterator[None]:
    """`drop_daily` is at work inside, with a day as long as `every`."""
    stop = threading.Event()
    worker = threading.Thread(target=drop_daily, args=(database, stop, every))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(30)
    assert not worker.is_alive()


def test_old_snapshots_are_dropped_at_the_start_and_again_after_a_day(
    connect: Connect, database: DatabaseSettings
) -> None:
    add_snapshot(connect, OLD, OLD)
    with dropping(database, every=timedelta(seconds=0.5)):
        until(lambda: partitions(connect) == [])
        add_snapshot(connect, OLDER, OLDER)
        until(lambda: partitions(connect) == [])


def test_while_the_database_is_away_it_is_tried_again_and_afterwards_dropped_once(
    connect: Connect, database: DatabaseSettings, caplog: pytest.LogCaptureFixture
) -> None:
    add_snapshot(connect, OLD, OLD)
    add_snapshot(connect, OLDER, OLDER)
    caplog.set_level(logging.INFO)
    with ExitStack() as work:
        with stopped(database):
            work.enter_context(dropping(database))
            until(lambda: caplog.text.count("Trying again in") == 2)
        until(lambda: partitions(connect) == [])
    assert "nothing listens there" in caplog.text
    assert [message for message in caplog.messages if message.startswith("Dropped")] == [
        f"Dropped {name(OLDER)}.",
        f"Dropped {name(OLD)}.",
    ]


def test_the_program_says_what_it_dropped_and_ends_when_it_is_told_to(
    connect: Connect, database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(database, monkeypatch)
    add_snapshot(connect, OLD, OLD)
    program = subprocess.Popen(
        [sys.executable, "-m", "db.daily_retention"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until(lambda: partitions(connect) == [])
    program.send_signal(signal.SIGTERM)
    output, _ = program.communicate(timeout=30)
    assert program.returncode == 0
    assert f"Dropped {name(OLD)}." in output


def test_without_a_password_the_program_ends_and_names_the_setting() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "db.daily_retention"],
        env={"PATH": os.environ["PATH"], "CANDLEWICK_ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 1
    assert "MARKET_OWNER_PASSWORD is not set" in result.stderr
