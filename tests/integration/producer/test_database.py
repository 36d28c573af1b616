"""Sources and symbols are registered in PostgreSQL, and it says how far a symbol got."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producer.database import Database
from producer.events import to_micros
from producer.providers.protocol import Source, SourceKind
from tests.integration.producer.conftest import database_settings_of
from tests.integration.producer.market import store_candle
from tests.stack import RunningStack

MINUTE = datetime(2025, 3, 4, 12, 30, tzinfo=UTC)


def source(name: str, kind: SourceKind, symbol: str) -> Source:
    return Source(name, kind, f"{name} of a test", (symbol,))


async def test_registering_twice_keeps_one_asset_and_one_source(
    stack: RunningStack, database: Database, symbol: str
) -> None:
    for _ in range(2):
        await database.register(source("test-venue", "live", symbol))
    with stack.psycopg("market_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT source, asset_class FROM assets WHERE symbol = %s", (symbol,))
        assert cursor.fetchall() == [("test-venue", "crypto")]
        cursor.execute("SELECT kind, description FROM data_sources WHERE name = 'test-venue'")
        assert cursor.fetchall() == [("live", "test-venue of a test")]
    connection.close()


@pytest.mark.parametrize(("kind", "owner"), [("live", "second"), ("replay", "first")])
async def test_a_live_source_takes_a_symbol_over_and_a_replay_does_not(
    stack: RunningStack, database: Database, symbol: str, kind: SourceKind, owner: str
) -> None:
    await database.register(source(f"first-{kind}", "live", symbol))
    await database.register(source(f"second-{kind}", kind, symbol))
    with stack.psycopg("market_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT source FROM assets WHERE symbol = %s", (symbol,))
        assert cursor.fetchall() == [(f"{owner}-{kind}",)]
    connection.close()


async def test_the_newest_time_of_a_symbol_is_its_newest_snapshot_or_the_start_of_its_newest_candle(
    stack: RunningStack, database: Database, symbol: str
) -> None:
    other = f"{symbol}.B"
    event_time = MINUTE + timedelta(seconds=17)
    for name in (symbol, other):
        store_candle(stack, name, MINUTE)
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT ensure_snapshot_partition(%s)", (MINUTE.date(),))
        cursor.execute(
            "INSERT INTO snapshots (symbol, event_time, event_id, source, kind, ingest_time)"
            " VALUES (%s, %s, 'test', 'test', 'trade', now())",
            (symbol, event_time),
        )
    connection.close()
    newest = await database.newest_times([symbol, other, f"{symbol}.UNKNOWN"])
    assert newest == {symbol: to_micros(event_time), other: to_micros(MINUTE)}


async def test_a_database_that_is_away_is_told_without_its_password(stack: RunningStack) -> None:
    settings = database_settings_of(stack).model_copy(update={"postgres_port": 1})
    away = Database(settings)
    reason = await away.check()
    assert reason is not None
    assert "onnection refused" in reason
    assert settings.password("market_writer") not in reason
    await away.close()
