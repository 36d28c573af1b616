"""Old alerts go with their deliveries; one that may still be sent on some channel stays whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db import alert_retention
from db.alert_retention import delete_old_alerts
from db.connection import connect as connect_as
from db.settings import DatabaseSettings
from tests.integration.db.plans import planned
from tests.integration.db.server import Connect

NOW = datetime.now(UTC)
OLD, YOUNG = NOW - timedelta(days=366), NOW - timedelta(days=364)
# By the market's clock, which says nothing of how long ago an alert was written.
NOON = datetime(2013, 3, 4, 12, 0, tzinfo=UTC)


class Alerts:
    """The tables of alerts; each rule has two channels."""

    def __init__(self, connect: Connect) -> None:
        self._cursor = connect("market_writer").cursor()

    def rule(self) -> int:
        self._run(
            "INSERT INTO alert_rules (name, symbol, kind, parameters, delivery) VALUES ('high', 'AAPL',"
            ' \'price_cross\', \'{}\', \'{"webhook": "https://example.com", "email": "us@example.com"}\')'
            " RETURNING id"
        )
        return int(self._cursor.fetchone()[0])

    def delete_rule(self, rule: int) -> None:
        self._run("UPDATE alert_rules SET deleted_at = now() WHERE id = %s", rule)

    def fire(self, rule: int, written: datetime, count: int = 1) -> None:
        """Let a rule fire so often; both deliveries arrive."""
        self._run(
            "INSERT INTO alert_events (rule_id, symbol, event_time, message, created_at)"
            " SELECT %s, 'AAPL', %s + number * interval '1 second', 'rose', %s"
            " FROM generate_series(0, %s) AS number",
            *(rule, NOON, written, count - 1),
        )
        self.become(rule, "status = 'delivered', delivered_at = now()", written)

    def test(self, rule: int, written: datetime) -> None:
        """Order a test of a rule, whose deliveries fail."""
        self._run(
            "INSERT INTO alert_deliveries (rule_id, symbol, event_time, channel, is_test, status, created_at)"
            " SELECT %s, 'AAPL', %s, channel, true, 'dead', %s"
            " FROM unnest('{webhook,email}'::text[]) AS channel",
            *(rule, written, written),
        )

    def become(self, rule: int, state: str, written: datetime, channel: str = "%") -> None:
        """Set what has become of the deliveries of a rule."""
        self._run(
            f"UPDATE alert_deliveries SET {state}, created_at = %s WHERE rule_id = %s AND channel LIKE %s",  # noqa: S608
            *(written, rule, channel),
        )

    def of(self, rule: int) -> tuple[int, int]:
        """How many alerts of a rule there are, and how many deliveries."""
        self._run(
            "SELECT (SELECT count(*) FROM alert_events WHERE rule_id = %s),"
            " (SELECT count(*) FROM alert_deliveries WHERE rule_id = %s)",
            *(rule, rule),
        )
        events, deliveries = self._cursor.fetchone()
        return events, deliveries

    def analyze(self) -> None:
        self._run("ANALYZE alert_rules, alert_events, alert_deliveries")

    def _run(self, statement: str, *values: Any) -> None:
        self._cursor.execute(statement, values)


@pytest.fixture
def alerts(connect: Connect) -> Alerts:
    return Alerts(connect)


def delete_old(database: DatabaseSettings) -> list[str]:
    """Delete old alerts as the program does; returns what it says."""
    said: list[str] = []
    with connect_as(database, "market_owner") as owner:
        delete_old_alerts(owner, database, said.append)
    return said


def test_old_alerts_go_with_their_deliveries_and_young_ones_stay(
    alerts: Alerts, database: DatabaseSettings
) -> None:
    rules = alerts.rule(), alerts.rule()
    for rule, written in zip(rules, (OLD, YOUNG), strict=True):
        alerts.fire(rule, written, 3)
    assert delete_old(database) == ["Deleted 3 alerts and 6 deliveries that were more than 365 days old."]
    assert [alerts.of(rule) for rule in rules] == [(0, 0), (3, 6)]


@pytest.mark.parametrize(
    "state",
    [
        "status = 'pending', delivered_at = NULL",
        "status = 'dead', delivered_at = NULL",
        "status = 'dead', delivered_at = NULL, dead_lettered_at = now()",
    ],
    ids=["to be sent", "dead without a letter", "with a letter that may be requeued"],
)
def test_an_alert_with_an_open_delivery_stays_whole_until_that_has_arrived(
    alerts: Alerts, database: DatabaseSettings, state: str
) -> None:
    rule = alerts.rule()
    alerts.fire(rule, OLD)
    alerts.become(rule, state, OLD, "email")
    delete_old(database)
    assert alerts.of(rule) == (1, 2)
    alerts.become(rule, "status = 'delivered', delivered_at = now()", OLD)
    delete_old(database)
    assert alerts.of(rule) == (0, 0)


def test_what_a_deleted_rule_had_to_send_goes_when_its_letter_is_written(
    alerts: Alerts, database: DatabaseSettings
) -> None:
    rule = alerts.rule()
    alerts.fire(rule, OLD)
    alerts.become(rule, "status = 'dead', delivered_at = NULL", OLD)
    alerts.delete_rule(rule)
    delete_old(database)
    assert alerts.of(rule) == (1, 2)
    alerts.become(rule, "dead_lettered_at = now()", OLD)
    delete_old(database)
    assert alerts.of(rule) == (0, 0)


def test_old_tests_go_though_they_have_failed(alerts: Alerts, database: DatabaseSettings) -> None:
    rule = alerts.rule()
    for written in (OLD, YOUNG):
        alerts.test(rule, written)
    delete_old(database)
    assert alerts.of(rule) == (0, 2)


def test_however_many_go_each_batch_is_found_by_an_index(
    alerts: Alerts, database: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_retention, "BATCH", 500)
    kept, gone, young = alerts.rule(), alerts.rule(), alerts.rule()
    alerts.fire(kept, OLD, 600)
    alerts.become(kept, "status = 'dead', delivered_at = NULL, dead_lettered_at = now()", OLD)
    alerts.fire(gone, OLD, 2_000)
    alerts.fire(young, YOUNG, 20_000)
    alerts.analyze()
    with planned() as plans:
        delete_old(database)
    assert [alerts.of(rule) for rule in (kept, gone, young)] == [(600, 1_200), (0, 0), (20_000, 40_000)]
    assert len([plan for plan in plans if "Delete on alert_events" in plan]) == 2_000 / 500 + 1
    scans = ("Seq Scan on alert_events", "Seq Scan on alert_deliveries")
    assert [plan for plan in plans if any(scan in plan for scan in scans)] == []
