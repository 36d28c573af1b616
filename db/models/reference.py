"""What is traded, and who tells us about it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, GeneratedId, Now, UpdatedNow, one_of

SOURCE_KINDS = ("live", "simulated", "replay", "history")


class DataSource(Base):
    """A provider of market data, and how real its data is (`kind`), which charts must show."""

    __tablename__ = "data_sources"
    __table_args__ = (one_of("kind", SOURCE_KINDS),)

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    description: Mapped[str]
    created_at: Mapped[Now]


class Asset(Base):
    """A symbol that is followed, with the one source it comes from. Deleted softly: its candles stay.

    `is_requested` where somebody has asked for it, beside what is configured.
    """

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint(r"symbol ~ '^[A-Z0-9.\-_/:^=]{1,64}$'", name="symbol_canonical"),
        Index(
            "uq_assets_symbol_not_deleted", "symbol", unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
    )

    id: Mapped[GeneratedId]
    symbol: Mapped[str]
    name: Mapped[str | None]
    asset_class: Mapped[str]
    source: Mapped[str] = mapped_column(ForeignKey("data_sources.name"))
    calendar: Mapped[str] = mapped_column(server_default="24/7")
    is_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Now]
    updated_at: Mapped[UpdatedNow]
    deleted_at: Mapped[datetime | None]
