"""Rules that watch the market, and when they fired."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import INTERVALS, Base, GeneratedId, Now, UpdatedNow, one_of

ALERT_KINDS = (
    "price_cross",
    "percent_move",
    "indicator_threshold",
    "indicator_cross",
    "volume_spike",
    "feed_silent",
)
ALERT_CHANNELS = ("webhook", "email")
ALERT_DELIVERY_STATUSES = ("pending", "delivered", "dead", "cancelled")


class AlertRule(Base):
    """What to watch: `parameters` depend on `kind` (threshold, window, hysteresis).

    `interval` is null for rules on events rather than candles. `delivery` says where to: it holds no secret,
    for every reader of the database sees it. Deleted softly, so that its events keep their rule.
    """

    __tablename__ = "alert_rules"
    __table_args__ = (
        one_of("kind", ALERT_KINDS),
        one_of("interval", INTERVALS),
        CheckConstraint("jsonb_typeof(parameters) = 'object'", name="parameters_object"),
        CheckConstraint("jsonb_typeof(delivery) = 'object'", name="delivery_object"),
    )

    id: Mapped[GeneratedId]
    name: Mapped[str]
    symbol: Mapped[str]
    kind: Mapped[str]
    interval: Mapped[str | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    delivery: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    is_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Now]
    updated_at: Mapped[UpdatedNow]
    deleted_at: Mapped[datetime | None]


class AlertEvent(Base):
    """A rule fired at `event_time`, by the market's clock. Its key makes a replay fire the same event."""

    __tablename__ = "alert_events"
    __table_args__ = (Index(None, "event_time"), Index(None, "created_at"))

    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rules.id"), primary_key=True)
    symbol: Mapped[str] = mapped_column(primary_key=True)
    event_time: Mapped[datetime] = mapped_column(primary_key=True)
    message: Mapped[str]
    value: Mapped[float | None]
    created_at: Mapped[Now]
    delivered_at: Mapped[datetime | None]
    delivery_error: Mapped[str | None]


class AlertDelivery(Base):
    """What became of one alert on one channel; a trigger makes the rows with those of `alert_events`.

    `dead` when the last attempt has failed, `cancelled` when the rule was deleted or lost the channel before.
    A test (`is_test`) belongs to no event. A dead one that is no test becomes a dead letter, once, which
    `dead_lettered_at` remembers; requeued it is pending again.
    """

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        one_of("channel", ALERT_CHANNELS),
        one_of("status", ALERT_DELIVERY_STATUSES),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at_known"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        UniqueConstraint("rule_id", "symbol", "event_time", "channel"),
        Index("ix_alert_deliveries_pending", "next_attempt_at", postgresql_where=text("status = 'pending'")),
        Index(
            "ix_alert_deliveries_without_letter",
            "id",
            postgresql_where=text("status = 'dead' AND NOT is_test AND dead_lettered_at IS NULL"),
        ),
    )

    id: Mapped[GeneratedId]
    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rules.id"))
    symbol: Mapped[str]
    event_time: Mapped[datetime]
    channel: Mapped[str]
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[Now]
    created_at: Mapped[Now]
    delivered_at: Mapped[datetime | None]
    error: Mapped[str | None]
    dead_lettered_at: Mapped[datetime | None]
