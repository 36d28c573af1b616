"""Whether the ports that the stack wants are free, and who holds one that is not."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.settings import OpsSettings

LISTENING = "0A"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Port:
    """A port one of our programs listens on, and the setting that moves it."""

    setting: str
    number: int
    program: str
    address: str = LOOPBACK


def wanted(settings: OpsSettings) -> list[Port]:
    """Every port that the stack listens on."""
    bind = settings.bind_address
    return [
        Port("POSTGRES_PORT", settings.postgres_port, "postgres", bind),
        Port("RABBITMQ_PORT", settings.rabbitmq_port, "rabbitmq", bind),
        Port("RABBITMQ_MANAGEMENT_PORT", settings.rabbitmq_management_port, "rabbitmq", bind),
        Port("RABBITMQ_PROMETHEUS_PORT", settings.rabbitmq_prometheus_port, "rabbitmq", bind),
        Port("RABBITMQ_DISTRIBUTION_PORT", settings.rabbitmq_distribution_port, "rabbitmq"),
        Port("RABBITMQ_EPMD_PORT", settings.rabbitmq_epmd_port, "epmd"),
        Port("FLINK_REST_PORT", settings.flink_rest_port, "flink-jobmanager", bind),
        Port("FLINK_RPC_PORT", settings.flink_rpc_port, "flink-jobmanager"),
        Port("PRODUCER_PORT", settings.producer_port, "producer", settings.producer_host),
        Port("API_PORT", settings.api_port, "api", settings.api_host),
        Port("SUPERSET_PORT", settings.superset_port, "superset", bind),
    ]


def is_free(address: str, number: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError:
            return False
    return True


def _listening_inodes(number: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        path = Path(table)
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == number:
                inodes.add(f"socket:[{fields[9]}]")
    return inodes


def holder(number: int) -> str | None:
    """The process that listens on a port, as `name (pid 123)`; None where we may not see it."""
    inodes = _listening_inodes(number)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return None


def check(ports: list[Port], ours: Mapping[str, bool]) -> None:
    """Raises OpsError for a port given twice, or held by somebody else.

    `ours` says of each program whether it runs already: what it listens on is taken by us.
    """
    seen: dict[int, Port] = {}
    for port in ports:
        if port.number in seen:
            raise OpsError(
                f"{seen[port.number].setting} and {port.setting} are both {port.number}: "
                f"change one of them in .env"
            )
        seen[port.number] = port
        if ours.get(port.program, False) or is_free(port.address, port.number):
            continue
        who = holder(port.number)
        raise OpsError(
            f"port {port.number}, which {port.program} needs, is taken by {who or 'another process'}: "
            f"stop that, or set {port.setting} in .env to a free port"
        )
