"""What a campaign publishes: a simulated market that is known to the last digit before it is made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from producer.events import MICROSECONDS_PER_SECOND, MarketEvent, trade
from producer.providers.simulator.market import SimulatedSymbol

SOURCE = "chaos"


class LoadPlan(msgspec.Struct, frozen=True):
    """A market from `begin` on (microseconds UTC, a whole minute), in real time once it has caught up.

    It goes on until the file `end_file` exists, which holds its end: a whole second, not included.
    """

    seed: int
    symbols: tuple[str, ...]
    events_per_second: float
    begin: int
    end_file: str

    @classmethod
    def make(cls, seed: int, symbols: int, events_per_second: float, begin: int, end_file: Path) -> LoadPlan:
        """A market of so many symbols, named after the seed, with so many events over all of them."""
        names = tuple(f"S{seed}N{number:02}-USD" for number in range(symbols))
        return cls(seed, names, events_per_second, begin, str(end_file))

    @property
    def events_per_second_of_each(self) -> float:
        """The mean rate of one symbol."""
        return self.events_per_second / len(self.symbols)

    def end(self) -> int | None:
        """When the market ends, or None while that is open."""
        try:
            return int(Path(self.end_file).read_text())
        except FileNotFoundError:
            return None

    def end_at(self, end: int) -> None:
        """Say when it ends; must be later than what is published when this returns."""
        fresh = Path(self.end_file).with_suffix(".new")
        fresh.write_text(str(end))
        fresh.replace(self.end_file)

    def trades(self, symbol: str, end: int) -> Iterator[MarketEvent]:
        """Every trade of a symbol up to the end, in order of time; `ingest_time` is not known here."""
        market = SimulatedSymbol(self.seed, symbol, self.events_per_second_of_each)
        seconds = range(self.begin // MICROSECONDS_PER_SECOND, end // MICROSECONDS_PER_SECOND)
        for second in seconds:
            for fill in market.trades(second):
                yield trade(
                    SOURCE,
                    symbol,
                    event_time=fill.event_time,
                    ingest_time=fill.event_time,
                    sequence=fill.sequence,
                    price=fill.price,
                    size=fill.size,
                )
