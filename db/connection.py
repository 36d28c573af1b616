"""Connections as one of the roles: a single one, or a pool of them."""

from datetime import timedelta

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from db.errors import explain_connection_error
from db.settings import DatabaseSettings, Role

CONNECT_TIMEOUT_SECONDS = 10


def connect(settings: DatabaseSettings, role: Role) -> Connection:
    """A connection of its own, without a pool, to the database the role works in; to be closed by the caller.

    Raises:
        DatabaseError: the password is not configured, or the server cannot be reached or refuses the role.
    """
    url = settings.url(role)
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS})
    try:
        return engine.connect()
    except OperationalError as error:
        address = f"{role}@{url.host}:{url.port}/{url.database}"
        raise explain_connection_error(error.orig or error, address) from error


def pooled_engine(
    settings: DatabaseSettings,
    role: Role,
    *,
    program: str,
    size: int,
    connect_timeout: timedelta = timedelta(seconds=CONNECT_TIMEOUT_SECONDS),
    statement_timeout: timedelta | None = None,
) -> Engine:
    """An engine of a program that runs on: it connects when it is used, and finds out what an outage ended.

    Args:
        program: what PostgreSQL shows the connections as.
        size: how many are kept open.
        connect_timeout: how long the server may take to answer, in whole seconds.
        statement_timeout: how long a statement may take; by default as long as the server lets it.

    Raises:
        MissingPasswordError: the role's password is not set.
    """
    arguments: dict[str, object] = {
        "connect_timeout": int(connect_timeout.total_seconds()),
        "application_name": f"candlewick-{program}",
    }
    if statement_timeout is not None:
        arguments["options"] = f"-c statement_timeout={statement_timeout // timedelta(milliseconds=1)}"
    return create_engine(settings.url(role), pool_size=size, pool_pre_ping=True, connect_args=arguments)
