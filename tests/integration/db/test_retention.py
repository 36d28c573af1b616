"""Old snapshots go; those that came in lately stay."""

from datetime import timedelta

import pytest

from db import retention
from db.connection import connect as connect_as
from db.settings import DatabaseSettings
from tests.integration.db.server import Connect, use
from tests.integration.db.snapshots import TODAY, add_snapshot, name, partitions


@pytest.fixture
def command(database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `retention.main()` work on the test's database, with 30 days to keep."""
    use(database, monkeypatch)


@pytest.mark.usefixtures("command")
def test_an_old_day_is_dropped_and_named_while_younger_days_stay(
    connect: Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    old, young = TODAY - timedelta(days=40), TODAY - timedelta(days=20)
    add_snapshot(connect, old, old)
    add_snapshot(connect, young, young)
    assert retention.main() == 0
    assert partitions(connect) == [name(young)]
    assert capsys.readouterr().out.splitlines()[-1] == f"Dropped {name(old)}."


@pytest.mark.usefixtures("command")
def test_an_old_day_that_was_replayed_lately_stays(connect: Connect) -> None:
    old = TODAY - timedelta(days=40)
    add_snapshot(connect, old, old)
    add_snapshot(connect, old, TODAY - timedelta(days=29))
    assert retention.main() == 0
    assert partitions(connect) == [name(old)]


@pytest.mark.usefixtures("command")
def test_an_old_day_without_rows_is_dropped(connect: Connect) -> None:
    old = TODAY - timedelta(days=40)
    connect("market_writer").cursor().execute("SELECT ensure_snapshot_partition(%s)", (old.date(),))
    assert retention.main() == 0
    assert partitions(connect) == []


@pytest.mark.usefixtures("command", "connect")
def test_nothing_to_drop_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert retention.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        "Deleted 0 alerts and 0 deliveries that were more than 365 days old.",
        "Deleted 0 forecasts of 1h that were more than 90 days old.",
        "Deleted 0 forecasts of 1d that were more than 730 days old.",
        "Nothing to drop: no snapshots are older than 30 days.",
    ]


def test_rows_that_come_in_between_looking_and_dropping_save_their_partition(
    connect: Connect, database: DatabaseSettings
) -> None:
    old, cutoff = TODAY - timedelta(days=40), TODAY - timedelta(days=30)
    add_snapshot(connect, old, old)
    with connect_as(database, "market_owner") as owner:
        (expired,) = retention.expired_partitions(owner, cutoff)
        add_snapshot(connect, old, TODAY)
        assert not retention.drop_partition(owner, expired, cutoff)
    assert partitions(connect) == [name(old)]


@pytest.mark.usefixtures("command")
def test_snapshots_in_use_are_left_alone_and_the_command_fails(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(retention, "LOCK_TIMEOUT", "50ms")
    old = TODAY - timedelta(days=40)
    add_snapshot(connect, old, old)
    reader = connect("market_reader")
    reader.autocommit = False
    reader.cursor().execute("SELECT count(*) FROM snapshots")
    assert retention.main() == 1
    reader.rollback()
    assert f"{name(old)} was not dropped: snapshots stayed in use" in capsys.readouterr().err
    assert partitions(connect) == [name(old)]
