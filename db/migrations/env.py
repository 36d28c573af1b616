"""Runs the migrations as `market_owner`, in one transaction, on the database of `db.settings`."""

import logging

from alembic import context
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import SchemaItem

from db.connection import connect
from db.errors import DatabaseError
from db.models import Base
from db.partitions import partition_day
from db.settings import DatabaseSettings


def include_object(
    _item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compare_to: SchemaItem | None
) -> bool:
    """Leaves out the daily partitions: they are data, made while running, and no model describes them."""
    return not (kind == "table" and name is not None and partition_day(name))


def migrate() -> None:
    """Connects and does what the command asked for, or fails with one sentence."""
    try:
        connection = connect(DatabaseSettings(), "market_owner")
    except DatabaseError as error:
        raise CommandError(str(error)) from error
    with connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include_object,
            compare_server_default=True,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        except DBAPIError as error:
            # Without the statement, which can be long: the log above names the migration.
            reason = str(error.orig).strip()
            raise CommandError(f"The migration failed and is rolled back: {reason}") from error


if context.is_offline_mode():
    raise CommandError("Migrations run on a server, not offline: leave out --sql.")
if not logging.getLogger().handlers:
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
migrate()
