"""Errors of the database, as sentences that a person can act on."""


class DatabaseError(Exception):
    """A reason why the database cannot be used, with the way out."""


class MissingPasswordError(DatabaseError):
    """A role's password is not configured."""

    def __init__(self, setting: str, role: str) -> None:
        super().__init__(
            f"{setting} is not set, so the role {role} cannot log in: set it in the env file (.env)."
        )


def explain_connection_error(error: Exception, address: str) -> DatabaseError:
    """Turns a driver's connection error into a sentence; `address` is `role@host:port/database`."""
    reason = str(error).strip()
    way_out = next((advice for symptom, advice in _WAYS_OUT.items() if symptom in reason), None)
    # The driver's text names host, user and database, never the password.
    last_line = reason.splitlines()[-1] if reason else type(error).__name__
    return DatabaseError(f"Cannot connect to PostgreSQL as {address}: {way_out or last_line}")


_WAYS_OUT = {
    "Connection refused": (
        "nothing listens there. Start the server, or correct POSTGRES_HOST and POSTGRES_PORT."
    ),
    "could not translate host name": "there is no such host. Correct POSTGRES_HOST.",
    "timeout expired": "the server does not answer. Check POSTGRES_HOST, POSTGRES_PORT and the firewall.",
    "password authentication failed": (
        "the password is wrong, or the role does not exist. Correct the role's password in the env file, "
        "or run `python -m db.bootstrap`, which creates the roles and sets their passwords."
    ),
    "does not exist": (
        "the role or the database does not exist. Run `python -m db.bootstrap`, which creates both."
    ),
    "is starting up": "the server is still starting. Try again in some seconds.",
    "too many clients": "the server has no connection left. Raise max_connections, or stop a client.",
}
