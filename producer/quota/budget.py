"""What a provider allows: so many calls in each second, minute and day."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pydantic import SecretStr

from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND

Period = Literal["second", "minute", "day"]

PERIOD_MICROS: dict[Period, int] = {
    "second": MICROSECONDS_PER_SECOND,
    "minute": MICROSECONDS_PER_MINUTE,
    "day": MICROSECONDS_PER_DAY,
}
FINGERPRINT_CHARACTERS = 16


@dataclass(frozen=True)
class Limit:
    """So many calls in a period. A day is a UTC date; a shorter period begins with its first call."""

    calls: int
    period: Period

    @property
    def micros(self) -> int:
        """The length of the period."""
        return PERIOD_MICROS[self.period]

    def begin(self, now: int) -> int:
        """Return when a period would begin that a call at ``now`` opens; both in microseconds, UTC."""
        return now - now % MICROSECONDS_PER_DAY if self.period == "day" else now


@dataclass(frozen=True)
class Budget:
    """All limits of a key; ``most_symbols`` is how many different symbols its plan answers, if known."""

    limits: tuple[Limit, ...]
    most_symbols: int | None = None

    @property
    def calls_a_day(self) -> int | None:
        """The limit of a day; None where there is none."""
        return next((limit.calls for limit in self.limits if limit.period == "day"), None)

    @property
    def shortest_spacing_seconds(self) -> float:
        """How far apart even calls must be to stay within the limits of seconds and minutes."""
        spacings = (
            limit.micros / MICROSECONDS_PER_SECOND / limit.calls
            for limit in self.limits
            if limit.period != "day"
        )
        return max(spacings, default=0.0)


@dataclass(frozen=True)
class Account:
    """Whose calls are counted: a provider and a key, of which only the fingerprint is known here."""

    provider: str
    key_fingerprint: str

    @classmethod
    def of(cls, provider: str, key: SecretStr) -> Account:
        """Return the account of a key."""
        digest = sha256(f"{provider}:{key.get_secret_value()}".encode()).hexdigest()
        return cls(provider, digest[:FINGERPRINT_CHARACTERS])

    @classmethod
    def without_key(cls, provider: str, url: str) -> Account:
        """Return the account of a server that is asked without a key: whoever asks it from here shares it."""
        return cls.of(provider, SecretStr(url))
