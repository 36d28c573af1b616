"""The migrations build what the models say, and take all of it away again."""

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from db.connection import connect as connect_as
from db.models import Base
from db.settings import DatabaseSettings
from tests.integration.db.server import Connect, superuser

OBJECTS = """
    SELECT 'relation', relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname !~ '^alembic_version'
    UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'default privilege', defaclacl::text FROM pg_default_acl
    UNION ALL SELECT 'schema privilege', acl::text
    FROM pg_namespace, aclexplode(nspacl) AS acl WHERE nspname = 'public' AND acl.grantee <> acl.grantor
"""

# Everything that PostgreSQL knows of the tables; checks too, which Alembic does not compare.
STRUCTURE = """
    SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull::text, attidentity::text,
           pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
      AND relname <> 'alembic_version'
    UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
    UNION ALL
    SELECT tablename, indexname, indexdef, '', '', ''
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL
    SELECT partrelid::regclass::text, 'partitioned', pg_get_partkeydef(partrelid), '', '', ''
    FROM pg_partitioned_table
    ORDER BY 1, 2, 3
"""


def objects(settings: DatabaseSettings) -> list[tuple[str, str]]:
    with superuser(settings, settings.postgres_db) as cursor:
        cursor.execute(OBJECTS)
        return sorted(cursor.fetchall())


def test_downgrade_to_base_leaves_nothing_and_upgrade_builds_the_same_again(
    empty_database: DatabaseSettings, alembic: Config
) -> None:
    before = objects(empty_database)
    command.upgrade(alembic, "head")
    first = objects(empty_database)
    command.downgrade(alembic, "base")
    assert objects(empty_database) == before
    command.upgrade(alembic, "head")
    assert objects(empty_database) == first
    assert len(first) > len(before)


def test_check_finds_no_drift(database: DatabaseSettings, alembic: Config) -> None:
    command.check(alembic)


def test_check_is_not_confused_by_partitions(
    database: DatabaseSettings, alembic: Config, connect: Connect
) -> None:
    with connect("market_writer").cursor() as cursor:
        cursor.execute("SELECT ensure_snapshot_partition('2020-01-06')")
    command.check(alembic)


def test_downgrade_removes_partitions_with_their_rows(
    database: DatabaseSettings, alembic: Config, connect: Connect
) -> None:
    with connect("market_writer").cursor() as cursor:
        cursor.execute("SELECT ensure_snapshot_partition('2020-01-06')")
    command.downgrade(alembic, "base")
    assert not [name for kind, name in objects(database) if kind == "relation"]


def test_migrations_build_exactly_what_the_models_define(database: DatabaseSettings) -> None:
    with connect_as(database, "market_owner") as connection:
        migrated = connection.execute(text(STRUCTURE)).all()
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        Base.metadata.create_all(connection)
        assert connection.execute(text(STRUCTURE)).all() == migrated
        connection.rollback()
    assert len(migrated) > len(Base.metadata.tables)


def test_every_constraint_is_named_by_the_convention(database: DatabaseSettings) -> None:
    query = "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
    with connect_as(database, "market_owner") as connection:
        names = set(connection.scalars(text(query))) - {"alembic_version_pkc"}
    assert [name for name in names if name.split("_")[0] not in {"pk", "fk", "uq", "ck"}] == []


def test_an_unreachable_server_is_said_in_one_sentence(
    alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_PORT", "1")
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1/.*nothing listens there"):
        command.current(alembic)


def test_a_missing_password_is_named(alembic: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARKET_OWNER_PASSWORD")
    with pytest.raises(CommandError, match="MARKET_OWNER_PASSWORD is not set"):
        command.current(alembic)
