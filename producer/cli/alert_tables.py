"""How alert rules and what has fired look on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table

from producer.api.alerts import AlertDeliveryReport, AlertEventReport, AlertRuleReport
from producer.cli.tables import count, facts, moment, remarks, table, text, yes
from producer.dead_letters.presentation import UNKNOWN


def rules_table(rules: Sequence[AlertRuleReport]) -> Table:
    """Draw a row a rule."""
    return table(
        {
            "ID": "number",
            "Name": "words",
            "Symbol": "name",
            "Kind": "name",
            "Interval": "name",
            "Values": "words",
            "To": "words",
            "Enabled": "name",
        },
        (
            (
                str(rule.id),
                rule.name,
                rule.symbol,
                rule.kind,
                text(rule.interval),
                said(rule.parameters),
                text(", ".join(rule.delivery.model_dump(exclude_none=True))),
                yes(rule.is_enabled),
            )
            for rule in rules
        ),
    )


def rule_facts(rule: AlertRuleReport) -> Table:
    """Draw all that is known of one rule."""
    return facts(
        {
            "Rule": str(rule.id),
            "Name": rule.name,
            "Symbol": rule.symbol,
            "Kind": rule.kind,
            "Interval": text(rule.interval),
            **{name.replace("_", " ").capitalize(): text(value) for name, value in rule.parameters.items()},
            "Webhook": text(rule.delivery.webhook),
            "E-mail": text(rule.delivery.email),
            "Enabled": yes(rule.is_enabled),
            "Made": f"{moment(rule.created_at)} UTC",
            "Changed": f"{moment(rule.updated_at)} UTC",
        }
    )


def events_table(events: Sequence[AlertEventReport]) -> RenderableType:
    """Draw a row an event, and beneath them what went wrong with its delivery."""
    drawn = table(
        {
            "Market's time (UTC)": "words",
            "Rule": "number",
            "Symbol": "name",
            "Value": "number",
            "Message": "words",
            "Delivery": "words",
        },
        (
            (
                moment(event.event_time),
                str(event.rule_id),
                event.symbol,
                text(event.value),
                event.message,
                "; ".join(f"{one.channel} {one.status}" for one in event.deliveries) or UNKNOWN,
            )
            for event in events
        ),
    )
    return remarks(
        drawn,
        {f"Rule {one.rule_id} at {moment(one.event_time)}": one.delivery_error or "" for one in events},
    )


def deliveries_table(deliveries: Sequence[AlertDeliveryReport]) -> RenderableType:
    """Draw a row a channel, and beneath them what went wrong."""
    drawn = table(
        {"Channel": "name", "Status": "name", "Attempts": "number", "Delivered (UTC)": "words"},
        ((one.channel, one.status, count(one.attempts), moment(one.delivered_at)) for one in deliveries),
    )
    return remarks(drawn, {one.channel: one.error or "" for one in deliveries})


def said(parameters: Mapping[str, object]) -> str:
    """Say parameters in a line: `price 65000, direction up`."""
    return text(", ".join(f"{name.replace('_', ' ')} {text(value)}" for name, value in parameters.items()))
