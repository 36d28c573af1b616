"""When a recorded event is due, and which time it carries."""

from __future__ import annotations

import math
from dataclasses import dataclass

from msgspec.structs import replace

from producer.events import MarketEvent, utc_day

REPLAY_SUFFIX = ".REPLAY"


@dataclass(frozen=True)
class Timing:
    """A replay's two clocks, in microseconds since the epoch.

    Recorded time ``recorded_start`` is due at our time ``started``; from there recorded time passes
    ``speed`` times as fast as ours (infinitely fast for ``max``). ``shift`` is added to what events carry.
    """

    started: int
    recorded_start: int
    speed: float
    shift: int | None = None

    @classmethod
    def begin(cls, now: int, first: int, last: int, *, speed: float, shift_to_now: bool) -> Timing:
        """Start the clocks for a recording from ``first`` to ``last``.

        Shifted times never lie in the future, which would push the watermark past live feeds: at up to
        the recorded speed the first event is now, at a higher one the last event is, when it is due.
        """
        if not shift_to_now:
            return cls(now, first, speed)
        if speed <= 1:
            return cls(now, first, speed, now - first)
        ends = now + (0 if math.isinf(speed) else int((last - first) / speed))
        return cls(now, first, speed, ends - last)

    def due(self, recorded: int) -> int:
        """Return our time at which an event of this recorded time is due."""
        if math.isinf(self.speed):
            return self.started
        return self.started + int((recorded - self.recorded_start) / self.speed)

    def recorded_at(self, now: int) -> int:
        """Return the recorded time that is due now; meaningless at infinite speed."""
        return self.recorded_start + int((now - self.started) * self.speed)

    def shifted_symbol(self, symbol: str | None) -> str | None:
        """Return the symbol as it is published: a shifted one says so."""
        return symbol if symbol is None or self.shift is None else symbol + REPLAY_SUFFIX

    def shifted(self, event: MarketEvent) -> MarketEvent:
        """Return the event as it is published."""
        if self.shift is None:
            return event
        event_time = event.event_time + self.shift
        symbol = self.shifted_symbol(event.symbol)
        return replace(
            event,
            event_id=event.event_id.replace(f":{event.symbol}:", f":{symbol}:", 1),
            symbol=symbol,
            event_time=event_time,
            ingest_time=event.ingest_time + self.shift,
            trading_day=utc_day(event_time),
        )
