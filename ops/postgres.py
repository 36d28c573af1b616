"""PostgreSQL: its data folder, its configuration, and its place under the supervisor."""

import re
from pathlib import Path

import psycopg2

from ops.accounts import home_of, run_as, server_user
from ops.errors import OpsError
from ops.paths import Paths, own_folder, write_if_changed
from ops.programs import Program
from ops.settings import OpsSettings
from ops.supervisor import CLEAN_ENVIRONMENT

USER = "postgres"


def binaries() -> Path:
    """The newest PostgreSQL that Debian's packages installed; raises OpsError where there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0),
    )
    if not found:
        raise OpsError("PostgreSQL is not installed: run 'make install'")
    return found[-1].parent


def _configuration(settings: OpsSettings, data: Path, hba: Path) -> str:
    # Sized for a machine of two cores that it shares with Flink, RabbitMQ and Superset. TCP on loopback is
    # the only way in: a socket file would need a short path outside VAR_DIR.
    return f"""data_directory = '{data}'
hba_file = '{hba}'
listen_addresses = '{settings.bind_address}'
port = {settings.postgres_port}
unix_socket_directories = ''
max_connections = 100
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
min_wal_size = '256MB'
wal_compression = on
checkpoint_completion_target = 0.9
random_page_cost = 1.1
effective_io_concurrency = 64
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_min_duration_statement = '2s'
log_lock_waits = on
log_parameter_max_length = 0
idle_in_transaction_session_timeout = '10min'
"""


def _access(bind_address: str) -> str:
    network = "127.0.0.1/32" if bind_address.startswith("127.") else "samenet"
    return f"host all all {network} scram-sha-256\nhost all all ::1/128 scram-sha-256\n"


def _create_cluster(settings: OpsSettings, paths: Paths, data: Path, user: str | None) -> None:
    log = paths.log_of("postgres-initdb")
    password = paths.postgres / "initial-password"
    write_if_changed(password, settings.postgres_password.get_secret_value() + "\n", user, 0o600)
    command = [
        str(binaries() / "initdb"),
        *("-D", str(data), "-U", "postgres", "--pwfile", str(password)),
        *(
            "--auth",
            "scram-sha-256",
            "--data-checksums",
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "--no-sync",
        ),
    ]
    try:
        result = run_as(user, command, {**CLEAN_ENVIRONMENT, "HOME": home_of(user)}, log)
    finally:
        password.unlink()
    if result.returncode != 0:
        raise OpsError("PostgreSQL's data folder could not be made", log)


def prepare(settings: OpsSettings, paths: Paths) -> Program:
    """Makes the data folder and configuration where they are missing; returns the program."""
    user = server_user(USER)
    data = paths.postgres / "data"
    own_folder(paths.postgres, user)
    if not (data / "PG_VERSION").exists():
        _create_cluster(settings, paths, data, user)
    hba = paths.postgres / "pg_hba.conf"
    configuration = paths.postgres / "postgresql.conf"
    access, content = _access(settings.bind_address), _configuration(settings, data, hba)
    write_if_changed(hba, access, user, 0o600)
    write_if_changed(configuration, content, user, 0o600)
    return Program(
        name="postgres",
        command=(str(binaries() / "postgres"), "-D", str(data), "-c", f"config_file={configuration}"),
        environment={"HOME": home_of(user)},
        directory=paths.postgres,
        user=user,
        depends_on=(access, content),
        priority=10,
        stop_signal="INT",
        stop_seconds=60,
        shares_fate_with_children=False,
    )


def answers(settings: OpsSettings) -> bool:
    """Whether the superuser can log in; raises OpsError when the password is refused."""
    try:
        psycopg2.connect(
            host=settings.postgres_host,
            port=settings.postgres_port,
            user="postgres",
            password=settings.postgres_password.get_secret_value(),
            dbname="postgres",
            connect_timeout=5,
        ).close()
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise OpsError(
                "PostgreSQL refuses POSTGRES_PASSWORD: its superuser was made with another password. Put "
                "that back into .env, or change it there with ALTER ROLE postgres PASSWORD"
            ) from None
        return False
    return True
