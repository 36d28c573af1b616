"""What a replay came to: what was read, what was published, what the broker confirmed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from producer.events import to_datetime
from producer.providers.replay.playback import Played
from producer.publisher import Publisher


@dataclass(frozen=True)
class Summary:
    """A replay that has ended; ``confirmed`` counts by symbol, its None the heartbeats of all shards."""

    played: Played
    confirmed: Counter[str | None]
    confirmed_messages: int
    unconfirmed_events: int
    trouble: str
    seconds: float

    @classmethod
    def of(cls, played: Played, publisher: Publisher, seconds: float) -> Summary:
        """Sum up what a publisher that is closed has made of a playback."""
        return cls(
            played,
            publisher.confirmed_events,
            publisher.confirmed_messages,
            publisher.buffered_events,
            publisher.detail,
            seconds,
        )

    @property
    def symbols(self) -> list[str]:
        """The symbols that something was published of."""
        return sorted(name for name in self.played.published if name is not None)

    def as_json(self) -> str:
        """Return it as one JSON document; times are ISO 8601 in UTC."""
        read, published = self.played.read, self.played.published
        return json.dumps(
            {
                "symbols": {
                    symbol: {
                        "read": read[symbol],
                        "published": published[symbol],
                        "confirmed": self.confirmed[symbol],
                    }
                    for symbol in self.symbols
                },
                "first_event_time": _iso(self.played.first_time),
                "last_event_time": _iso(self.played.last_time),
                "read": read.total(),
                "published": published.total(),
                "confirmed": self._confirmed_of_symbols(),
                "confirmed_heartbeats": self.confirmed[None],
                "confirmed_messages": self.confirmed_messages,
                "unconfirmed": self.unconfirmed_events,
                "seconds": round(self.seconds, 1),
            }
        )

    def as_text(self) -> str:
        """Return it in sentences, a line a symbol first."""
        read, published, confirmed = self.played.read, self.played.published, self.confirmed
        lines = [
            f"{symbol}: {read[symbol]} read, {published[symbol]} published, {confirmed[symbol]} confirmed"
            for symbol in self.symbols
        ]
        first, last = self.played.first_time, self.played.last_time
        if first is not None and last is not None:
            lines.append(f"Event times: {to_datetime(first)} to {to_datetime(last)}")
        lines.append(
            f"Total: {read.total()} read, {published.total()} published (with breaks and heartbeats), "
            f"{self._confirmed_of_symbols()} confirmed by the broker in {self.confirmed_messages} messages, "
            f"besides {confirmed[None]} heartbeats over all shards"
        )
        speed = read.total() / max(self.seconds, 1e-9)
        lines.append(f"Elapsed: {self.seconds:.1f} s, {speed:,.0f} events/s")
        if self.unconfirmed_events:
            lines.append(f"NOT confirmed: {self.unconfirmed_events} events. {self.trouble}")
        return "\n".join(lines)

    def _confirmed_of_symbols(self) -> int:
        return sum(count for name, count in self.confirmed.items() if name is not None)


def _iso(micros: int | None) -> str | None:
    return None if micros is None else to_datetime(micros).isoformat()
