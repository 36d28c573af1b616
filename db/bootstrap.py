"""Makes the roles and the databases: `python -m db.bootstrap`, as the superuser, as often as one likes.

Each run sets the roles' passwords to the configured ones: that is how a password is rotated.
Tables and their grants are the migrations' work (`alembic upgrade head`).
"""

import argparse
import sys
from typing import Final

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 -- a class with a function's name
from psycopg2.extensions import encrypt_password
from psycopg2.sql import SQL, Composable, Identifier, Literal

from db.errors import DatabaseError, explain_connection_error
from db.settings import DatabaseSettings, Role

ROLES: Final[tuple[Role, ...]] = ("market_owner", "market_writer", "market_reader", "superset")

# What a role may is said in full each time: an attribute given by hand does not survive.
ATTRIBUTES = SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT")

# A password reaches the server only as a verifier, and the session keeps even that out of the server's log.
SILENT = "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic"


def bootstrap(settings: DatabaseSettings) -> None:
    """Creates or repairs roles and databases.

    Raises:
        DatabaseError: a password is not configured, or the server refuses the superuser.
    """
    databases: dict[str, Role] = {settings.postgres_db: "market_owner", "superset": "superset"}
    passwords = {role: settings.password(role) for role in ROLES}
    with _Superuser(settings, "postgres") as server:
        for role, password in passwords.items():
            server.ensure_role(role, password)
        server.limit_reader()
        for database, owner in databases.items():
            server.ensure_database(database, owner)
        # The writer's bulk upserts go through temporary tables.
        server.allow(settings.postgres_db, "CONNECT, TEMPORARY", "market_writer")
        server.allow(settings.postgres_db, "CONNECT", "market_reader")
    for database, owner in databases.items():
        with _Superuser(settings, database) as server:
            server.close_schema(owner)


class _Superuser:
    """The superuser's connection to one database; every statement is its own transaction."""

    def __init__(self, settings: DatabaseSettings, database: str) -> None:
        self._connection = _connect(settings, database)

    def __enter__(self) -> "_Superuser":
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def ensure_role(self, role: Role, password: str) -> None:
        if not self._exists("SELECT FROM pg_roles WHERE rolname = %s", role):
            self._run(SQL("CREATE ROLE {}").format(Identifier(role)))
        verifier = encrypt_password(password, role, scope=self._connection, algorithm="scram-sha-256")
        self._run(
            SQL("ALTER ROLE {} WITH {} PASSWORD {}").format(Identifier(role), ATTRIBUTES, Literal(verifier))
        )

    def limit_reader(self) -> None:
        self._run(SQL("ALTER ROLE market_reader SET default_transaction_read_only = on"))
        self._run(SQL("ALTER ROLE market_reader SET statement_timeout = '30s'"))

    def ensure_database(self, database: str, owner: Role) -> None:
        name, role = Identifier(database), Identifier(owner)
        if not self._exists("SELECT FROM pg_database WHERE datname = %s", database):
            # Keys sort by byte: faster, and a new libc on the machine cannot corrupt an index.
            self._run(
                SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
                    " LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                ).format(name, role)
            )
        self._run(SQL("ALTER DATABASE {} OWNER TO {}").format(name, role))
        self._run(SQL("ALTER DATABASE {} SET timezone = 'UTC'").format(name))
        self._run(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))

    def allow(self, database: str, privileges: str, role: Role) -> None:
        self._run(
            SQL("GRANT {} ON DATABASE {} TO {}").format(
                SQL(privileges), Identifier(database), Identifier(role)
            )
        )

    def close_schema(self, owner: Role) -> None:
        self._run(SQL("ALTER SCHEMA public OWNER TO {}").format(Identifier(owner)))
        self._run(SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"))

    def _exists(self, query: str, name: str) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(query, (name,))
            return cursor.fetchone() is not None

    def _run(self, statement: Composable) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


def _connect(settings: DatabaseSettings, database: str) -> Connection:
    try:
        connection = psycopg2.connect(
            host=settings.postgres_host,
            port=settings.postgres_port,
            user="postgres",
            password=settings.password("postgres"),
            dbname=database,
            options=SILENT,
            connect_timeout=10,
        )
    except psycopg2.OperationalError as error:
        address = f"postgres@{settings.postgres_host}:{settings.postgres_port}/{database}"
        raise explain_connection_error(error, address) from error
    connection.autocommit = True
    return connection


def main() -> int:
    """The command: 0 when roles and databases are as they should be, 1 with the reason when not."""
    settings = DatabaseSettings()
    try:
        bootstrap(settings)
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    except psycopg2.Error as error:
        print(f"PostgreSQL refused to set up roles and databases: {error}".strip(), file=sys.stderr)
        return 1
    print(f"Roles {', '.join(ROLES)} and databases {settings.postgres_db}, superset are ready.")
    return 0


if __name__ == "__main__":
    argparse.ArgumentParser("python -m db.bootstrap", description=__doc__).parse_args()
    sys.exit(main())
