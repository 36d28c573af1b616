"""RabbitMQ: its configuration, and its place under the supervisor."""

import json
import socket
from pathlib import Path
from typing import Any

import httpx

from ops.accounts import run_as, server_user
from ops.definitions import ADMINISTRATOR, definitions, known_hashes
from ops.errors import OpsError
from ops.paths import Paths, own_folder, write_if_changed
from ops.programs import Program
from ops.settings import OpsSettings
from ops.supervisor import CLEAN_ENVIRONMENT

USER = "rabbitmq"
SCRIPTS = Path("/usr/lib/rabbitmq/bin")
# Node and tools shake hands within Erlang's 7 seconds, or not at all: too few on a loaded machine.
ERLANG_ARGUMENTS = "-kernel inet_dist_use_interface {127,0,0,1} -kernel net_setuptime 60"
REPAIR_ATTEMPTS = 5
PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")


def _configuration(settings: OpsSettings, loaded_definitions: Path) -> str:
    address = settings.bind_address
    return f"""listeners.tcp.1 = {address}:{settings.rabbitmq_port}
distribution.listener.interface = 127.0.0.1
management.tcp.ip = {address}
management.tcp.port = {settings.rabbitmq_management_port}
prometheus.tcp.ip = {address}
prometheus.tcp.port = {settings.rabbitmq_prometheus_port}
load_definitions = {loaded_definitions}
default_vhost = {settings.rabbitmq_vhost}
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 500MB
heartbeat = 30
log.console = true
log.console.level = info
log.file = false
"""


def _environment(settings: OpsSettings, paths: Paths) -> dict[str, str]:
    home = paths.rabbitmq
    return {
        **CLEAN_ENVIRONMENT,
        # The Erlang cookie lies in HOME: a stack of its own trusts only its own tools.
        "HOME": str(home),
        # Its word for "under a supervisor": the script gives its place to the server. Else one that lost its
        # script would hold the ports against the next.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_NODENAME": f"candlewick-{settings.rabbitmq_port}@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "rabbitmq.pid"),
        "RABBITMQ_DIST_PORT": str(settings.rabbitmq_distribution_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGUMENTS,
        "RABBITMQ_CTL_ERL_ARGS": ERLANG_ARGUMENTS,
        "ERL_EPMD_PORT": str(settings.rabbitmq_epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }


def prepare(settings: OpsSettings, paths: Paths) -> list[Program]:
    """Writes the configuration; returns the port mapper and the broker.

    The port mapper (epmd) is a program of its own, else the broker would leave one behind that nobody stops.
    """
    if not (SCRIPTS / "rabbitmq-server").exists():
        raise OpsError("RabbitMQ is not installed: run 'make install'")
    user = server_user(USER)
    home = paths.rabbitmq
    own_folder(home, user)
    loaded = home / "definitions.json"
    wanted = json.dumps(definitions(settings, known_hashes(loaded)), indent=2) + "\n"
    content = _configuration(settings, loaded)
    plugins = f"[{','.join(PLUGINS)}].\n"
    write_if_changed(loaded, wanted, user, 0o600)
    write_if_changed(home / "rabbitmq.conf", content, user)
    write_if_changed(home / "enabled_plugins", plugins, user)
    environment = _environment(settings, paths)
    epmd = ("epmd", "-address", "127.0.0.1", "-port", str(settings.rabbitmq_epmd_port))
    return [
        Program(
            name="epmd",
            command=epmd,
            environment=CLEAN_ENVIRONMENT,
            directory=home,
            user=user,
            priority=10,
        ),
        Program(
            name="rabbitmq",
            command=(str(SCRIPTS / "rabbitmq-server"),),
            environment=environment,
            directory=home,
            user=user,
            depends_on=(content, plugins),
            priority=20,
            stop_seconds=60,
            shares_fate_with_children=False,
        ),
    ]


def answers(settings: OpsSettings) -> bool:
    """Whether the broker takes clients, and the management API answers, whoever it lets in.

    The first of these comes last in a start: after the import of users, which is not to be taken for missing.
    """
    try:
        socket.create_connection((settings.rabbitmq_host, settings.rabbitmq_port), timeout=1).close()
        return _definitions_in_force(settings).status_code in {httpx.codes.OK, httpx.codes.UNAUTHORIZED}
    except (OSError, httpx.HTTPError):
        return False


def _definitions_in_force(settings: OpsSettings) -> httpx.Response:
    return httpx.get(
        f"http://{settings.rabbitmq_host}:{settings.rabbitmq_management_port}/api/definitions",
        auth=(ADMINISTRATOR, settings.rabbitmq_admin_password.get_secret_value()),
        timeout=10,
    )


def _holds(wanted: dict[str, Any], in_force: dict[str, Any]) -> bool:
    hashes = {user["name"]: user["password_hash"] for user in in_force["users"]}
    return (
        all(hashes.get(user["name"]) == user["password_hash"] for user in wanted["users"])
        and all(
            vhost["name"] in {other["name"] for other in in_force["vhosts"]} for vhost in wanted["vhosts"]
        )
        and all(permission in in_force["permissions"] for permission in wanted["permissions"])
    )


def repair_users(settings: OpsSettings, paths: Paths) -> bool:
    """Imports users and permissions where the running broker has others; returns whether it had to.

    Raises OpsError when several attempts have failed. A broker that is starting answers before it has read
    its users, and before its tools reach it; on a busy machine it then keeps an answer for seconds.
    """
    file = paths.rabbitmq / "definitions.json"
    log = paths.log_of("rabbitmq-definitions")
    command = [str(SCRIPTS / "rabbitmqctl"), "import_definitions", str(file)]
    for _ in range(REPAIR_ATTEMPTS):
        if _are_in_force(settings, file):
            return False
        if run_as(server_user(USER), command, _environment(settings, paths), log).returncode == 0:
            return True
    raise OpsError("RabbitMQ's users could not be brought up to date", log)


def _are_in_force(settings: OpsSettings, file: Path) -> bool:
    try:
        answer = _definitions_in_force(settings)
    except httpx.HTTPError:
        return False
    return answer.is_success and _holds(json.loads(file.read_text()), answer.json())
