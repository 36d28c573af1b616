"""Who may use the producer's API, and for what."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from db.models.base import Base, GeneratedId, Now, one_of

API_SCOPES = ("read", "control", "admin")
"""Each may do what those before it may."""


class ApiKey(Base):
    """A key for the API: of its secret, 256 random bits, only the SHA-256 in hexadecimal.

    So random a secret cannot be guessed from its hash, which therefore needs neither salt nor stretching.
    A revoked key is kept, for its history; its name is free again.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        one_of("scope", API_SCOPES),
        CheckConstraint("secret_hash ~ '^[0-9a-f]{64}$'", name="secret_hash_sha256"),
        Index(
            "uq_api_keys_name_not_revoked", "name", unique=True, postgresql_where=text("revoked_at IS NULL")
        ),
    )

    id: Mapped[GeneratedId]
    name: Mapped[str]
    scope: Mapped[str]
    secret_hash: Mapped[str]
    created_at: Mapped[Now]
    rotated_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
