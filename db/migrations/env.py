"""Runs the migrations as `market_owner`, in one transaction, on the database of `db.settings`."""

import logging
import re

from alembic import context
from alembic.util import CommandError
from sqlalchemy import create_engine, pool
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.schema import SchemaItem

from db.errors import DatabaseError, explain_connection_error
from db.models import Base
from db.settings import DatabaseSettings

PARTITION = re.compile(r"snapshots_\d{8}")


def include_object(
    item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compare_to: SchemaItem | None
) -> bool:
    """Leaves out the daily partitions: they are data, made while running, and no model describes them."""
    return not (kind == "table" and name is not None and PARTITION.fullmatch(name))


def migrate() -> None:
    """Connects and runs what the command asked for, or fails with one sentence."""
    try:
        url = DatabaseSettings().url("market_owner")
    except DatabaseError as error:
        raise CommandError(str(error)) from error
    engine = create_engine(url, poolclass=pool.NullPool)
    try:
        connection = engine.connect()
    except OperationalError as error:
        address = f"market_owner@{url.host}:{url.port}/{url.database}"
        raise CommandError(str(explain_connection_error(error.orig or error, address))) from error
    with connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise CommandError("Migrations run on a server, not offline: leave out --sql.")
if not logging.getLogger().handlers:
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
migrate()
