"""The SQL of the deliveries."""

from typing import Final

from sqlalchemy import text

# Those in hand are the oldest of their receiver: one that hangs keeps so many busy and no more.
MOST_PER_RECEIVER: Final = 4

DUE: Final = text(
    """
    SELECT due.*, fired.message, fired.value FROM (
        SELECT one.id, one.rule_id, one.symbol, one.event_time, one.channel, one.is_test, one.attempts,
               one.next_attempt_at, rule.name, rule.kind, rule.interval,
               CASE WHEN rule.deleted_at IS NULL THEN rule.delivery ->> one.channel END AS target,
               row_number() OVER (
                   PARTITION BY one.channel, rule.delivery ->> one.channel
                   ORDER BY one.next_attempt_at, one.id
               ) AS turn
        FROM alert_deliveries AS one JOIN alert_rules AS rule ON rule.id = one.rule_id
        WHERE one.status = 'pending' AND one.next_attempt_at <= now()
    ) AS due
    LEFT JOIN alert_events AS fired USING (rule_id, symbol, event_time)
    WHERE due.turn <= :most_per_receiver AND due.id <> ALL (CAST(:in_hand AS bigint[]))
    ORDER BY due.next_attempt_at, due.id LIMIT :most
    """
)
NEXT: Final = text(
    """
    SELECT extract(epoch FROM min(next_attempt_at) - now()) FROM alert_deliveries
    WHERE status = 'pending' AND next_attempt_at > now()
    """
)
# What arrived has arrived, even where the rule was deleted meanwhile.
DELIVERED: Final = text(
    """
    UPDATE alert_deliveries SET
        status = 'delivered', delivered_at = clock_timestamp(), attempts = attempts + 1, error = NULL
    WHERE id = :id AND status <> 'delivered' RETURNING rule_id, symbol, event_time
    """
)
FAILED: Final = text(
    """
    UPDATE alert_deliveries SET status = :status, attempts = attempts + 1, error = :error,
        next_attempt_at = clock_timestamp() + :wait
    WHERE id = :id AND status = 'pending' RETURNING rule_id, symbol, event_time
    """
)
CANCELLED: Final = text(
    """
    UPDATE alert_deliveries SET status = 'cancelled', error = :error
    WHERE id = :id AND status = 'pending' RETURNING rule_id, symbol, event_time
    """
)
# An event is delivered once every channel has it; until then it says what went wrong last.
SUMMARISED: Final = text(
    """
    UPDATE alert_events AS fired SET
        delivered_at = CASE WHEN whole.is_delivered THEN clock_timestamp() END,
        delivery_error = CASE
            WHEN NOT whole.is_delivered THEN coalesce(:error, fired.delivery_error)
        END
    FROM (
        SELECT bool_and(status = 'delivered') AS is_delivered FROM alert_deliveries
        WHERE rule_id = :rule_id AND symbol = :symbol AND event_time = :event_time
    ) AS whole
    WHERE fired.rule_id = :rule_id AND fired.symbol = :symbol AND fired.event_time = :event_time
    """
)
WITHOUT_LETTER: Final = text(
    """
    SELECT id, rule_id, symbol, event_time, channel, attempts, error FROM alert_deliveries
    WHERE status = 'dead' AND NOT is_test AND dead_lettered_at IS NULL ORDER BY id LIMIT :most
    """
)
LETTER_SENT: Final = text("UPDATE alert_deliveries SET dead_lettered_at = now() WHERE id = :id")
REQUEUED: Final = text(
    """
    WITH again AS (
        UPDATE alert_deliveries SET status = 'pending', attempts = 0, next_attempt_at = now(),
            dead_lettered_at = NULL
        WHERE id = :id AND rule_id = :rule_id AND status = 'dead' RETURNING id
    )
    SELECT pg_notify('alert_deliveries', '') FROM again
    """
)
