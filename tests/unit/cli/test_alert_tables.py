"""What a person sees of alert rules, and of what has fired."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console, RenderableType

from producer.api.alerts import AlertDeliveryReport, AlertEventReport, AlertRuleReport
from producer.cli.alert_tables import deliveries_table, events_table, rule_facts, rules_table

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
RULE = AlertRuleReport.model_validate(
    {
        "id": 3,
        "name": "Bitcoin [high]",
        "symbol": "BTC-USD",
        "kind": "price_cross",
        "interval": None,
        "parameters": {"price": "65000.50", "direction": "up", "hysteresis": "0"},
        "delivery": {"webhook": "https://example.com/hook"},
        "is_enabled": True,
        "created_at": NOON,
        "updated_at": NOON,
        "deleted_at": None,
    }
)
FAILED = {
    "channel": "webhook",
    "is_test": False,
    "status": "pending",
    "attempts": 2,
    "next_attempt_at": NOON,
    "delivered_at": None,
    "error": "the webhook at example.com answered 500 Internal Server Error",
}
SENT = FAILED | {"channel": "email", "status": "delivered", "delivered_at": NOON, "error": None}


def lines(what: RenderableType) -> list[str]:
    console = Console(width=200, highlight=False)
    with console.capture() as captured:
        console.print(what)
    return [" ".join(line.split()) for line in captured.get().splitlines() if line.strip()]


def test_a_rule_is_a_row_with_its_parameters_digit_for_digit() -> None:
    assert lines(rules_table([RULE]))[-1] == (
        "3 Bitcoin [high] BTC-USD price_cross - price 65000.50, direction up, hysteresis 0 webhook yes"
    )


def test_all_of_a_rule_is_shown_a_line_a_fact() -> None:
    shown = lines(rule_facts(RULE))
    assert {
        "Price 65000.50",
        "Webhook https://example.com/hook",
        "E-mail -",
        "Changed 2025-03-04 12:00:00 UTC",
    } <= set(shown)


def test_an_event_tells_each_delivery_and_beneath_what_went_wrong() -> None:
    event = AlertEventReport.model_validate(
        {
            "rule_id": 3,
            "symbol": "BTC-USD",
            "event_time": NOON,
            "message": "BTC-USD rose to 65001.5",
            "value": 65001.5,
            "created_at": NOON,
            "delivered_at": None,
            "delivery_error": f"webhook: {FAILED['error']}",
            "deliveries": [SENT, FAILED],
        }
    )
    shown = lines(events_table([event]))
    assert shown[-2] == (
        "2025-03-04 12:00:00 3 BTC-USD 65001.5 BTC-USD rose to 65001.5 email delivered; webhook pending"
    )
    assert shown[-1] == f"Rule 3 at 2025-03-04 12:00:00: webhook: {FAILED['error']}"


def test_a_delivery_tells_its_attempts_and_beneath_what_went_wrong() -> None:
    shown = lines(deliveries_table([AlertDeliveryReport.model_validate(one) for one in (SENT, FAILED)]))
    assert shown[-3:] == [
        "email delivered 2 2025-03-04 12:00:00",
        "webhook pending 2 -",
        f"webhook: {FAILED['error']}",
    ]
