"""Rules that watch the market, and when they fired."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
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
