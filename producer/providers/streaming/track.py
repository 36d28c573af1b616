"""A trade as a venue tells it, and what is known of one symbol's trades so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from producer.events import MICROSECONDS_PER_MINUTE

# A venue repeats the newest trades after a reconnect, not those of an hour ago.
REMEMBERED_IDS = 2_000


@dataclass(frozen=True, slots=True)
class Print:
    """One trade as a venue tells it; ``event_time`` in microseconds since the epoch, UTC.

    ``sequence`` orders the trades of one time. ``identity`` is what tells this trade from all others of
    the symbol where the sequence alone does not.
    """

    symbol: str
    event_time: int
    price: Decimal
    size: Decimal
    sequence: int
    identity: str | None = None

    def __post_init__(self) -> None:
        if not (self.price.is_finite() and self.size.is_finite()):
            raise ValueError(f"a trade of {self.size} at {self.price} is none")


@dataclass
class Track:
    """What is known of one symbol's trades so far."""

    symbol: str
    last_trade_id: int | None = None
    last_trade_time: int | None = None
    venue_time: int | None = None
    broke_at: int | None = None
    announced_id: int = 0
    overdue_id: int | None = None
    reported_id: int = 0
    recent_ids: dict[str, None] = field(default_factory=dict)

    def is_numbered_anew(self, told: Print) -> bool:
        """Say whether a trade with a number that has passed shows that the venue has begun to count anew.

        Its number was passed long ago, at a time that was not.
        """
        return told.event_time > (self.last_trade_time or 0) + MICROSECONDS_PER_MINUTE

    def is_repeated(self, event_id: str) -> bool:
        """Remember the id of a trade; True where it is one of the newest already."""
        if event_id in self.recent_ids:
            return True
        self.recent_ids[event_id] = None
        if len(self.recent_ids) > REMEMBERED_IDS:
            del self.recent_ids[next(iter(self.recent_ids))]
        return False
