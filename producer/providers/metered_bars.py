"""Bars that cost calls: what a provider implements, and the pages and the counting around it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from producer.bars import Bar, Interval
from producer.errors import ProviderError, QuotaSpentError
from producer.providers.bar_source import BeforeCall
from producer.quota.meter import Meter


class Row(Protocol):
    """What a provider's answer says of a bucket, whatever else is in it."""

    @property
    def open(self) -> Decimal:
        """The first price."""

    @property
    def high(self) -> Decimal:
        """The highest price."""

    @property
    def low(self) -> Decimal:
        """The lowest price."""

    @property
    def close(self) -> Decimal:
        """The last price."""

    @property
    def volume(self) -> Decimal | None:
        """What was traded; None for an index, which is not traded."""


@dataclass(frozen=True)
class Question:
    """Which bars are wanted: those that begin in ``[start, end)``, microseconds since the epoch, UTC."""

    symbol: str
    interval: Interval
    start: int
    end: int

    def bar(
        self,
        source: str,
        bucket_start: int,
        trading_day: str,
        row: Row,
        *,
        vwap: Decimal | None = None,
        trade_count: int | None = None,
    ) -> Bar:
        """Make the bar that one row of a source's answer is."""
        return Bar(
            source=source,
            symbol=self.symbol,
            interval=self.interval,
            bucket_start=bucket_start,
            open=row.open,
            high=row.high,
            low=row.low,
            close=row.close,
            volume=Decimal(0) if row.volume is None else row.volume,
            vwap=vwap,
            trade_count=trade_count,
            trading_day=trading_day,
        )


@dataclass(frozen=True)
class BarPage:
    """The bars of one call, and what to ask for the next ones with; None where there are no more."""

    bars: list[Bar]
    next_page: str | None = None


class BarCalls(Protocol):
    """How one provider is asked."""

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The lengths of the bars that it has, the shortest first."""

    @property
    def buckets_per_call(self) -> int:
        """Over how many buckets one question may reach."""

    @property
    def weight(self) -> int:
        """What a call costs of the budget."""

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return from when on it has bars of an interval, where it forgets older ones; else None."""

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make exactly one call; raises :class:`ProviderError`, classified."""


class MeteredBars:
    """Asks a provider page by page and counts every call first."""

    extent = None

    def __init__(self, calls: BarCalls, meter: Meter) -> None:
        self._calls = calls
        self._meter = meter

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The lengths of the bars that the provider has."""
        return self._calls.intervals

    @property
    def buckets_per_call(self) -> int:
        """Over how many buckets one question may reach."""
        return self._calls.buckets_per_call

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return from when on the provider has bars of an interval; None where it forgets none."""
        return self._calls.earliest(interval, now)

    async def bars(
        self, symbol: str, interval: Interval, start: int, end: int, before_call: BeforeCall
    ) -> list[Bar]:
        """Fetch the bars that begin in ``[start, end)``; raises :class:`ProviderError`."""
        question = Question(symbol, interval, start, end)
        found: list[Bar] = []
        page: str | None = None
        while True:
            answer = await self._page(question, page, before_call)
            _refuse_what_is_no_number(question, answer.bars)
            found += [bar for bar in answer.bars if start <= bar.bucket_start < end]
            if answer.next_page is None:
                return found
            if answer.next_page == page:
                raise ProviderError(f"The pages of {symbol}'s bars do not end: {page} is followed by itself.")
            page = answer.next_page

    async def _page(self, question: Question, page: str | None, before_call: BeforeCall) -> BarPage:
        await self._meter.take(self._calls.weight)
        await before_call()
        try:
            return await self._calls.ask(question, page)
        except QuotaSpentError:
            # Somebody else used the key, or the provider counts otherwise: what it says is what holds.
            await self._meter.note_spent()
            raise


def _refuse_what_is_no_number(question: Question, bars: list[Bar]) -> None:
    """A text such as "NaN" is a decimal, and yet nothing that can be traded at."""
    for bar in bars:
        if not all(part.is_finite() for part in (bar.open, bar.high, bar.low, bar.close, bar.volume)):
            raise ProviderError(
                f"A bar of {question.symbol} from {bar.source} has a price or volume that is no number. "
                f"It is asked again."
            )
