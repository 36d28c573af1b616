"""Daily bars out of the package bokeh_sampledata, whose stocks are Quandl WIKI's, in the public domain.

Open, high, low, close and volume are what the exchange saw: AAPL falls by half at its splits of 2000-06-21
and 2005-02-28, MSFT at that of 2003-02-18. The file's adjusted closes are left out, for nothing else in it
is adjusted.
"""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from functools import cached_property

from bokeh_sampledata import package_path

from producer.bars import Bar, Interval, day_start
from producer.errors import Never, ProviderError
from producer.providers.bar_source import BeforeCall, Extent

FILE = "stocks.csv.gz"
SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")


class HistoryBars:
    """Answers from the file, which is read at the first question."""

    intervals: tuple[Interval, ...] = ("1d",)
    buckets_per_call = 10_000
    extent = Extent(day_start(date(2000, 3, 1)), day_start(date(2013, 3, 2)))

    def __init__(self, source: str) -> None:
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return None: the file forgets nothing, and ``extent`` says what it has."""
        return None

    async def bars(
        self, symbol: str, interval: Interval, start: int, end: int, before_call: BeforeCall
    ) -> list[Bar]:
        """Return the days of a symbol; raises :class:`ProviderError` for one that is not in the file."""
        if symbol not in SYMBOLS or interval not in self.intervals:
            raise ProviderError(
                f"The bundled history has no {interval} bars of {symbol!r}: it has daily ones (1d) of "
                f"{', '.join(SYMBOLS)}.",
                Never("symbol"),
            )
        await before_call()
        return [bar for bar in self._by_symbol[symbol] if start <= bar.bucket_start < end]

    @cached_property
    def _by_symbol(self) -> dict[str, list[Bar]]:
        found: dict[str, list[Bar]] = {symbol: [] for symbol in SYMBOLS}
        with gzip.open(package_path(FILE), "rt", newline="") as file:
            for row in csv.DictReader(file):
                found[row["Ticker"]].append(self._bar(row))
        return found

    def _bar(self, row: dict[str, str]) -> Bar:
        return Bar(
            source=self._source,
            symbol=row["Ticker"],
            interval="1d",
            bucket_start=day_start(date.fromisoformat(row["Date"])),
            open=Decimal(row["Open"]),
            high=Decimal(row["High"]),
            low=Decimal(row["Low"]),
            close=Decimal(row["Close"]),
            volume=Decimal(row["Volume"]),
            trading_day=row["Date"],
        )
