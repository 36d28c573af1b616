"""Rules that watch the market, and what has fired: `candlewick alerts`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from producer.alerts.parameters import PARAMETERS
from producer.api.alerts import AlertDeliveryReport, AlertEventReport, AlertRuleReport, Kind
from producer.bars import Interval
from producer.cli.alert_tables import deliveries_table, events_table, rule_facts, rules_table
from producer.cli.client import ask
from producer.cli.output import Json, note, show

app = typer.Typer(
    help="Rules that watch the market, and what has fired.",
    epilog="Example: candlewick alerts list",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="A number from `candlewick alerts list`.")]
Limit = Annotated[int | None, typer.Option(min=1, max=500, help="So many at most.")]
Given = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME=VALUE]...", help="Parameters of the kind, as price=65000 direction=up."),
]
Length = Annotated[Interval | None, typer.Option(help="Of the candles, where the kind is on candles.")]
Webhook = Annotated[str | None, typer.Option(metavar="URL", help="Where alerts are posted to.")]
Email = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where alerts are mailed to.")]


@app.command("list", epilog="Example: candlewick alerts list --enabled")
def list_(
    symbol: Annotated[str | None, typer.Option(help="Only rules of this symbol.")] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Only those that are, or are not.")
    ] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List the alert rules, the newest first."""
    parameters = {"symbol": symbol, "enabled": enabled, "limit": limit}
    show(ask("GET", "/alert-rules", list[AlertRuleReport], parameters=parameters), as_json, rules_table)


@app.command("show", epilog="Example: candlewick alerts show 3")
def show_(number: Number, as_json: Json = False) -> None:
    """Show all that is known of a rule."""
    show(ask("GET", f"/alert-rules/{number}", AlertRuleReport), as_json, rule_facts)


@app.command(epilog="Example: candlewick alerts create price_cross BTC-USD price=65000 direction=up")
def create(
    kind: Annotated[Kind, typer.Argument(help="What to watch for: docs/alerts.md says what each needs.")],
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="What to watch.")],
    given: Given = None,
    *,
    name: Annotated[
        str | None, typer.Option(help="What alerts are called; kind and symbol by default.")
    ] = None,
    interval: Length = None,
    webhook: Webhook = None,
    email: Email = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="It shall not fire yet.")] = False,
    as_json: Json = False,
) -> None:
    """Make an alert rule; the job takes it up within seconds."""
    rule = {
        "kind": kind,
        "symbol": symbol,
        "name": name or f"{kind.replace('_', ' ')} of {symbol}",
        "interval": interval,
        "parameters": _parameters(kind, given or []),
        "delivery": {"webhook": webhook, "email": email},
        "is_enabled": not disabled,
    }
    show(ask("POST", "/alert-rules", AlertRuleReport, body=rule), as_json, rule_facts)


@app.command(epilog="Example: candlewick alerts update 3 price=66000")
def update(
    number: Number,
    given: Given = None,
    *,
    name: Annotated[str | None, typer.Option(help="What alerts are called.")] = None,
    symbol: Annotated[str | None, typer.Option(help="What to watch.")] = None,
    interval: Length = None,
    webhook: Webhook = None,
    email: Email = None,
    no_webhook: Annotated[bool, typer.Option("--no-webhook", help="Post no more.")] = False,
    no_email: Annotated[bool, typer.Option("--no-email", help="Mail no more.")] = False,
    as_json: Json = False,
) -> None:
    """Change what is given of a rule, which then starts afresh; NAME= takes a parameter away."""
    _check_one("webhook", webhook, no_webhook)
    _check_one("email", email, no_email)
    change: dict[str, Any] = {
        field: value
        for field, value in (("name", name), ("symbol", symbol), ("interval", interval))
        if value is not None
    }
    channels = {"webhook": (webhook, no_webhook), "email": (email, no_email)}
    if delivery := {channel: to for channel, (to, taken) in channels.items() if to is not None or taken}:
        change["delivery"] = delivery
    if given:
        kind = ask("GET", f"/alert-rules/{number}", AlertRuleReport).content.kind
        change["parameters"] = _parameters(kind, given)
    if not change:
        raise typer.BadParameter("Nothing is to be changed: give NAME=VALUE or an option.")
    show(ask("PATCH", f"/alert-rules/{number}", AlertRuleReport, body=change), as_json, rule_facts)


@app.command(epilog="Example: candlewick alerts delete 3")
def delete(number: Number, as_json: Json = False) -> None:
    """Delete a rule: it fires no more, and its events stay."""
    show(
        ask("DELETE", f"/alert-rules/{number}", AlertRuleReport),
        as_json,
        lambda rule: f"Deleted rule {rule.id}.",
    )


@app.command(epilog="Example: candlewick alerts enable 3")
def enable(number: Number, as_json: Json = False) -> None:
    """Let a rule fire again; what it sees first never fires."""
    _switch(number, True, as_json)


@app.command(epilog="Example: candlewick alerts disable 3")
def disable(number: Number, as_json: Json = False) -> None:
    """Let a rule fire no more until it is enabled."""
    _switch(number, False, as_json)


@app.command(epilog="Example: candlewick alerts events --rule 3 --since 2025-01-31")
def events(
    rule: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Only those of this rule.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only those of this symbol.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Not before, as 2025-01-31 or 2025-01-31T14:30:00Z.")
    ] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """List what has fired, the newest first, with what became of each delivery."""
    parameters = {"rule_id": rule, "symbol": symbol, "since": since, "limit": limit}
    show(ask("GET", "/alert-events", list[AlertEventReport], parameters=parameters), as_json, events_table)


@app.command("test", epilog="Example: candlewick alerts test 3")
def send_test(number: Number, as_json: Json = False) -> None:
    """Send one alert that is marked as a test on each channel of a rule; exit code 1 unless all arrive."""
    answer = ask("POST", f"/alert-rules/{number}/test", list[AlertDeliveryReport])
    show(answer, as_json, deliveries_table)
    if any(one.status == "pending" for one in answer.content):
        note("It is not sent yet: make status tells whether alert-delivery runs.")
    if any(one.status != "delivered" for one in answer.content):
        raise typer.Exit(1)


def _switch(number: int, is_enabled: bool, as_json: bool) -> None:
    body = {"is_enabled": is_enabled}
    show(
        ask("PATCH", f"/alert-rules/{number}", AlertRuleReport, body=body),
        as_json,
        lambda rule: f"Rule {rule.id} is {'enabled' if rule.is_enabled else 'disabled'}.",
    )


def _check_one(channel: str, address: str | None, taken: bool) -> None:
    if address is not None and taken:
        raise typer.BadParameter(f"--{channel} contradicts --no-{channel}: give one or the other.")


def _parameters(kind: Kind, given: list[str]) -> dict[str, Any]:
    """Read NAME=VALUE pairs as the parameters of a kind are written in JSON; nothing behind = is null."""
    parameters: dict[str, Any] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"{pair!r} is no parameter: write it as NAME=VALUE.")
        parameters[name] = _value(kind, name, value) if value else None
    return parameters


def _value(kind: Kind, name: str, text: str) -> str | int | float:
    # A name that the kind does not know is for the producer to refuse.
    field = PARAMETERS[kind].model_fields.get(name)
    number = None if field is None else field.annotation
    if number not in (int, float):
        return text
    try:
        return int(text) if number is int else float(text)
    except ValueError:
        raise typer.BadParameter(f"{name}: {text!r} is no number.") from None
