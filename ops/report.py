"""What is printed for a person: the addresses after a start, and the table of programs."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table

from ops.contents import Contents
from ops.definitions import ADMINISTRATOR
from ops.settings import OpsSettings
from ops.supervisor import ProgramState

DASHBOARD = "superset/dashboard/market/"
WIDTH_OF_A_PIPE = 120


def _duration(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def addresses(settings: OpsSettings) -> str:
    """Where everything is, and how to log in."""
    superset = f"http://{settings.bind_address}:{settings.superset_port}/{DASHBOARD}"
    management = f"http://{settings.rabbitmq_host}:{settings.rabbitmq_management_port}"
    lines = [
        ("Dashboard", superset, f"admin / {settings.superset_admin_password.get_secret_value()}"),
        ("Chart", f"http://{settings.api_host}:{settings.api_port}/dashboard", ""),
        (
            "Producer",
            f"http://{settings.producer_host}:{settings.producer_port}/docs",
            "PRODUCER_API_KEY in .env",
        ),
        ("Read API", f"http://{settings.api_host}:{settings.api_port}/docs", ""),
        ("Flink", f"http://{settings.flink_host}:{settings.flink_rest_port}", ""),
        (
            "RabbitMQ",
            management,
            f"{ADMINISTRATOR} / {settings.rabbitmq_admin_password.get_secret_value()}",
        ),
        (
            "PostgreSQL",
            f"postgresql://market_reader@{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_db}",
            "MARKET_READER_PASSWORD in .env",
        ),
    ]
    return "\n".join(f"  {name:<11} {address}\n{'':14}{login}".rstrip() for name, address, login in lines)


def summary(settings: OpsSettings, seconds: float) -> str:
    """What `make up` ends with."""
    return (
        f"\nCandlewick is up after {seconds:.0f} s.\n\n{addresses(settings)}\n\n"
        f"  In PostgreSQL: {Contents.read(settings).describe()}."
    )


def _urls(settings: OpsSettings) -> dict[str, str]:
    return {
        "postgres": f"{settings.postgres_host}:{settings.postgres_port}",
        "rabbitmq": f"http://{settings.rabbitmq_host}:{settings.rabbitmq_management_port}",
        "flink-jobmanager": f"http://{settings.flink_host}:{settings.flink_rest_port}",
        "producer": f"http://{settings.producer_host}:{settings.producer_port}/docs",
        "api": f"http://{settings.api_host}:{settings.api_port}/docs",
        "superset": f"http://{settings.bind_address}:{settings.superset_port}/{DASHBOARD}",
    }


def print_status(settings: OpsSettings, states: dict[str, ProgramState]) -> None:
    """Prints a table with a row a program."""
    if not states:
        print("Candlewick is not running: 'make up' starts it")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("program", "state", "pid", "uptime", "address"):
        table.add_column(column, justify="right" if column in {"pid", "uptime"} else "left", no_wrap=True)
    urls = _urls(settings)
    for state in states.values():
        table.add_row(
            state.name,
            f"[{'green' if state.is_running else 'red'}]{state.state.lower()}[/]",
            str(state.pid or ""),
            _duration(state.uptime_seconds) if state.is_running else "",
            urls.get(state.name, ""),
        )
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE).print(table)
