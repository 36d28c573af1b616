"""What each role may do, and may not."""

import pytest
from psycopg2.errors import CheckViolation, InsufficientPrivilege, ReadOnlySqlTransaction

from tests.integration.db.server import Connect

CANDLE = {
    "symbol": "BTC-USD",
    "interval": "1m",
    "bucket_start": "2020-01-06 00:00+00",
    "source": "coinbase",
    "open": "10",
    "high": "12",
    "low": "9",
    "close": "11",
    "volume": "3",
    "vwap": "10.5",
    "trade_count": 4,
    "is_final": True,
    "is_partial": False,
    "revision": 9,
    "origin": "stream",
}
INSERT = f"INSERT INTO candles ({', '.join(CANDLE)}) VALUES ({', '.join(f'%({name})s' for name in CANDLE)})"  # noqa: S608


def test_the_writer_inserts_updates_reads_and_deletes(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute(INSERT, CANDLE)
    cursor.execute("UPDATE candles SET revision = 11")
    cursor.execute("SELECT revision FROM candles")
    assert cursor.fetchall() == [(11,)]
    cursor.execute("DELETE FROM candles")
    assert cursor.rowcount == 1


def test_the_writer_gets_generated_ids(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute("INSERT INTO ingest_runs (kind, source) VALUES ('fetch', 'fmp') RETURNING id, status")
    assert cursor.fetchone() == (1, "running")


def test_the_writer_fills_partitions_that_are_made_while_running(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute("SELECT ensure_snapshot_partition('2020-01-06')")
    cursor.execute(
        "INSERT INTO snapshots (symbol, event_time, event_id, source, kind, ingest_time)"
        " VALUES ('A', '2020-01-06 12:00+00', 'a', 's', 'trade', now())"
    )
    cursor.execute("SELECT count(*) FROM snapshots_20200106")
    assert cursor.fetchone() == (1,)


def test_the_writer_may_use_temporary_tables(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute("CREATE TEMPORARY TABLE staged (LIKE candles)")
    cursor.execute("SELECT count(*) FROM staged")
    assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE candles",
        "TRUNCATE candles",
        "ALTER TABLE candles ADD COLUMN mine int",
        "CREATE INDEX ON candles (source)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SET ROLE market_owner",
        "SELECT * FROM pg_authid",
        "COPY candles TO '/tmp/mine'",
        "COPY candles TO PROGRAM 'true'",
    ],
)
@pytest.mark.parametrize("role", ["market_writer", "market_reader"])
def test_a_role_that_does_not_own_the_schema_cannot_change_it(
    connect: Connect, role: str, statement: str
) -> None:
    cursor = connect(role).cursor()  # type: ignore[arg-type]
    cursor.execute("SET default_transaction_read_only = off")
    with pytest.raises(InsufficientPrivilege):
        cursor.execute(statement)


def test_the_reader_reads(connect: Connect) -> None:
    connect("market_writer").cursor().execute(INSERT, CANDLE)
    cursor = connect("market_reader").cursor()
    cursor.execute("SELECT symbol, close FROM candles")
    assert [(symbol, str(close)) for symbol, close in cursor.fetchall()] == [
        ("BTC-USD", "11.000000000000000000")
    ]


def test_the_reader_reads_partitions_that_are_made_while_running(connect: Connect) -> None:
    connect("market_writer").cursor().execute("SELECT ensure_snapshot_partition('2020-01-06')")
    cursor = connect("market_reader").cursor()
    cursor.execute("SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM snapshots_20200106)")
    assert cursor.fetchone() == (0, 0)


def test_the_reader_is_read_only_from_the_start(connect: Connect) -> None:
    with pytest.raises(ReadOnlySqlTransaction):
        connect("market_reader").cursor().execute(INSERT, CANDLE)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO data_sources VALUES ('x', 'live', 'x')",
        "UPDATE candles SET revision = 1",
        "DELETE FROM candles",
        "SELECT ensure_snapshot_partition('2020-01-06')",
        "CREATE TEMPORARY TABLE mine (id int)",
    ],
)
def test_the_reader_cannot_write_even_after_switching_read_only_off(connect: Connect, statement: str) -> None:
    cursor = connect("market_reader").cursor()
    cursor.execute("SET default_transaction_read_only = off")
    with pytest.raises(InsufficientPrivilege):
        cursor.execute(statement)


def test_the_reader_does_not_see_the_api_keys(connect: Connect) -> None:
    with pytest.raises(InsufficientPrivilege):
        connect("market_reader").cursor().execute("SELECT name FROM api_keys")


def test_a_query_of_the_reader_ends_after_30_seconds(connect: Connect) -> None:
    cursor = connect("market_reader").cursor()
    cursor.execute("SHOW statement_timeout")
    assert cursor.fetchone() == ("30s",)


def test_sessions_speak_utc(connect: Connect) -> None:
    cursor = connect("market_writer").cursor()
    cursor.execute("SHOW timezone")
    assert cursor.fetchone() == ("UTC",)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("high", "10.5"),
        ("low", "10.5"),
        ("low", "0"),
        ("high", "NaN"),
        ("volume", "-1"),
        ("volume", "NaN"),
        ("vwap", "0"),
        ("vwap", "NaN"),
        ("trade_count", -1),
        ("revision", 0),
        ("interval", "2m"),
        ("origin", "guess"),
    ],
)
def test_a_candle_that_cannot_be_true_is_refused(connect: Connect, column: str, value: object) -> None:
    with pytest.raises(CheckViolation):
        connect("market_writer").cursor().execute(INSERT, {**CANDLE, column: value})


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_an_indicator_that_is_no_number_is_refused(connect: Connect, value: str) -> None:
    with pytest.raises(CheckViolation):
        connect("market_writer").cursor().execute(
            "INSERT INTO indicators VALUES ('A', '1m', now(), 'rsi_14', %s, 1)", (value,)
        )
