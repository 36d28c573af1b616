"""Opening a connection as one of the roles."""

from sqlalchemy import Connection, create_engine
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
