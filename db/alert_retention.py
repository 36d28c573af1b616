"""Deletes old alerts: what became of them on each channel, then that they fired.

An alert stays whole as long as one of its deliveries is open: one that waits for another attempt, one that is
dead without a dead letter, and one whose dead letter may still be requeued, as long as its rule is there.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from db.settings import DatabaseSettings

BATCH = 5_000

# Ids are given out in the order of time, so that the key's index leads from the oldest on.
_NEXT_BATCH = text(
    """
    SELECT max(id) AS last, bool_or(created_at < :cutoff) AS has_old FROM (
        SELECT id, created_at FROM alert_deliveries WHERE id > :after ORDER BY id LIMIT :batch
    ) AS following
    """
)
_DELIVERIES = text(
    """
    DELETE FROM alert_deliveries AS one
    WHERE id > :after AND id <= :last AND created_at < :cutoff AND NOT EXISTS (
        SELECT FROM alert_deliveries AS other JOIN alert_rules AS rule ON rule.id = other.rule_id
        WHERE other.rule_id = one.rule_id AND other.symbol = one.symbol AND other.event_time = one.event_time
            AND (
                other.status = 'pending'
                OR other.status = 'dead' AND NOT other.is_test
                    AND (other.dead_lettered_at IS NULL OR rule.deleted_at IS NULL)
            )
    )
    """
)
_EVENTS = text(
    """
    DELETE FROM alert_events WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM alert_events AS old
        WHERE created_at < :cutoff AND NOT EXISTS (
            SELECT FROM alert_deliveries AS one
            WHERE one.rule_id = old.rule_id AND one.symbol = old.symbol AND one.event_time = old.event_time
        )
        ORDER BY created_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ))
    """
)


def delete_old_alerts(connection: Connection, settings: DatabaseSettings, say: Callable[[str], None]) -> None:
    """Delete what was written more than `ALERTS_RETENTION_DAYS` ago; each batch is a transaction.

    Says in a sentence how many went.
    """
    days = settings.alerts_retention_days
    cutoff = datetime.now(UTC) - timedelta(days=days)
    deliveries = _delete_deliveries(connection, cutoff)
    events = _delete_events(connection, cutoff)
    say(f"Deleted {events:,} alerts and {deliveries:,} deliveries that were more than {days} days old.")


def _delete_deliveries(connection: Connection, cutoff: datetime) -> int:
    count, after = 0, 0
    while True:
        with connection.begin():
            values = {"after": after, "cutoff": cutoff, "batch": BATCH}
            last, has_old = connection.execute(_NEXT_BATCH, values).one()
            if not has_old:
                return count
            count += connection.execute(_DELIVERIES, {**values, "last": last}).rowcount
        after = last


def _delete_events(connection: Connection, cutoff: datetime) -> int:
    count = 0
    while True:
        with connection.begin():
            deleted = connection.execute(_EVENTS, {"cutoff": cutoff, "batch": BATCH}).rowcount
        count += deleted
        if deleted < BATCH:
            return count
