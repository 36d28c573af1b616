"""The function that makes the partition of a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import psycopg2
import pytest
from psycopg2.errors import InvalidParameterValue

from tests.integration.db.server import Connect

ENSURE = "SELECT ensure_snapshot_partition(%s)"
INSERT = (
    "INSERT INTO snapshots (symbol, event_time, event_id, source, kind, ingest_time)"
    " VALUES ('A', %s, %s, 's', 'trade', now())"
)
BOUNDS = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = %s"
MAX_WAIT = 60


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
def test_a_partition_holds_one_utc_day_whatever_the_session_says(connect: Connect, timezone: str) -> None:
    writer = connect("market_writer").cursor()
    writer.execute("SET timezone = %s", (timezone,))
    writer.execute("SET datestyle = 'SQL, DMY'")
    writer.execute(ENSURE, (date(2020, 2, 29),))
    owner = connect("market_owner").cursor()
    owner.execute(BOUNDS, ("snapshots_20200229",))
    assert owner.fetchone() == ("FOR VALUES FROM ('2020-02-29 00:00:00+00') TO ('2020-03-01 00:00:00+00')",)


def test_the_first_and_the_last_microsecond_of_a_day_fit_and_the_next_does_not(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute(ENSURE, ("2020-01-06",))
    cursor.execute(INSERT, ("2020-01-06 00:00:00+00", "first"))
    cursor.execute(INSERT, ("2020-01-06 23:59:59.999999+00", "last"))
    with pytest.raises(psycopg2.errors.CheckViolation, match="no partition"):
        cursor.execute(INSERT, ("2020-01-07 00:00:00+00", "next"))


def test_a_second_call_changes_nothing(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute(ENSURE, ("2020-01-06",))
    cursor.execute(INSERT, ("2020-01-06 12:00:00+00", "a"))
    cursor.execute(ENSURE, ("2020-01-06",))
    cursor.execute("SELECT count(*) FROM snapshots")
    assert cursor.fetchone() == (1,)


def test_a_partition_has_the_key_and_the_owner_of_its_parent(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute(ENSURE, ("2020-01-06",))
    cursor.execute(
        "SELECT pg_get_constraintdef(pg_constraint.oid), relowner::regrole::text"
        " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE relname = 'snapshots_20200106'"
    )
    assert cursor.fetchall() == [("PRIMARY KEY (symbol, event_time, event_id)", "market_owner")]


def test_concurrent_calls_for_the_same_days_all_succeed(connect: Connect) -> None:
    callers = 4
    start = Barrier(callers)
    days = [date(2020, 1, 6) + timedelta(days=day) for day in range(10)]
    cursors = [connect("market_writer").cursor() for _ in range(callers)]

    def ensure_all(number: int) -> None:
        start.wait(MAX_WAIT)
        for day in days if number % 2 else reversed(days):
            cursors[number].execute(ENSURE, (day,))

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(ensure_all, range(callers)))
    cursors[0].execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'snapshots'::regclass")
    assert cursors[0].fetchone() == (len(days),)


def test_a_call_waits_for_one_that_has_not_committed_and_finds_its_partition(connect: Connect) -> None:
    first, second = connect("market_writer"), connect("market_writer")
    first.autocommit = False
    first.cursor().execute(ENSURE, ("2020-01-06",))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.cursor().execute, ENSURE, ("2020-01-06",))
        _await_a_lock_wait(connect)
        first.commit()
        waiting.result(MAX_WAIT)
    cursor = second.cursor()
    cursor.execute(INSERT, ("2020-01-06 12:00:00+00", "a"))
    assert cursor.rowcount == 1


def test_writers_and_readers_in_open_transactions_do_not_hold_up_a_new_day(connect: Connect) -> None:
    owner, writer, reader = connect("market_writer"), connect("market_writer"), connect("market_reader")
    owner.cursor().execute(ENSURE, ("2020-01-06",))
    writer.autocommit = reader.autocommit = False
    writer.cursor().execute(INSERT, ("2020-01-06 12:00:00+00", "a"))
    reader.cursor().execute("SELECT count(*) FROM snapshots")
    cursor = owner.cursor()
    cursor.execute("SET lock_timeout = '100ms'")
    cursor.execute(ENSURE, ("2020-01-07",))
    writer.rollback()
    reader.rollback()


@pytest.mark.parametrize("day", [None, "1999-12-31", "infinity", "-infinity", "2200-01-01", "0001-01-01 BC"])
def test_a_day_that_no_event_can_have_is_refused(connect: Connect, day: str | None) -> None:
    with pytest.raises(InvalidParameterValue, match="it must be between 2000-01-01 and"):
        connect("market_writer").cursor().execute(ENSURE, (day,))


def test_tomorrow_can_be_prepared_and_the_day_after_cannot(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    today = datetime.now(UTC).date()
    cursor.execute(ENSURE, (today + timedelta(days=1),))
    with pytest.raises(InvalidParameterValue):
        # Three days ahead, for midnight may pass between our clock and the server's.
        cursor.execute(ENSURE, (today + timedelta(days=3),))


def test_text_that_is_no_date_never_reaches_the_function(connect: Connect) -> None:
    with pytest.raises(psycopg2.errors.InvalidDatetimeFormat):
        connect("market_writer").cursor().execute(ENSURE, ("2020-01-06'); DROP TABLE candles; --",))


def test_the_caller_cannot_slip_in_functions_or_tables_of_its_own(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute("CREATE TEMPORARY TABLE snapshots (LIKE public.snapshots)")
    cursor.execute(
        "CREATE FUNCTION pg_temp.to_char(date, text) RETURNS text LANGUAGE sql AS $$SELECT 'candles'$$"
    )
    cursor.execute("SET search_path = pg_temp, public, pg_catalog")
    cursor.execute("SELECT public.ensure_snapshot_partition('2020-01-06')")
    cursor.execute(
        "SELECT inhparent::regclass::text FROM pg_inherits"
        " WHERE inhrelid = 'public.snapshots_20200106'::regclass"
    )
    assert cursor.fetchone() == ("public.snapshots",)


def test_every_function_that_runs_as_its_owner_has_a_fixed_search_path(connect: Connect) -> None:
    cursor = connect("market_owner").cursor()
    cursor.execute(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    settings = dict(cursor.fetchall())
    assert set(settings) == {"api_key_holder", "ensure_snapshot_partition"}
    assert {tuple(values) for values in settings.values()} == {("search_path=pg_catalog, pg_temp",)}


def _await_a_lock_wait(connect: Connect) -> None:
    cursor = connect("postgres").cursor()
    deadline = datetime.now(UTC) + timedelta(seconds=MAX_WAIT)
    while datetime.now(UTC) < deadline:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND relation = 'public.snapshots'::regclass")
        if cursor.fetchone() is not None:
            return
    raise AssertionError("Nobody waits for a lock on snapshots.")
