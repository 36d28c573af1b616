"""How the producer is: `candlewick status`."""

from __future__ import annotations

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from producer.api.models import Health
from producer.cli.client import ask
from producer.cli.feeds import feeds_table
from producer.cli.output import Json, show
from producer.cli.tables import table


def status(as_json: Json = False) -> None:
    """Show how the producer, what it needs and its feeds are; exit code 1 when something is not well."""
    answer = ask("GET", "/health", Health)
    show(answer, as_json, health_report)
    if answer.content.status != "ok":
        raise typer.Exit(1)


def health_report(health: Health) -> RenderableType:
    """Draw what the producer says of itself."""
    broker, database = health.dependencies.broker, health.dependencies.database
    parts = [
        ("producer", health.status, ""),
        ("RabbitMQ", broker.state, f"{broker.detail} {_events(broker.buffered_events, 'wait')}"),
        ("PostgreSQL", database.state, database.detail),
    ]
    if broker.dropped_events:
        parts.append(("", "", f"{_events(broker.dropped_events, 'were dropped while RabbitMQ was away')}"))
    return Group(
        table({"Part": "name", "State": "name", "": "words"}, parts), Text(), feeds_table(health.feeds)
    )


def _events(number: int, what: str) -> str:
    return f"{number:,} event{'' if number == 1 else 's'} {what}."
