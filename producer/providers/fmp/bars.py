"""Bars from the stable interface: days of a plan of any size, minutes of a larger one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec

from producer.bars import Bar, Interval, day_start
from producer.events import to_datetime
from producer.polling.http import RestServer
from producer.polling.refusals import not_understood
from producer.providers.fmp.answers import listed
from producer.providers.fmp.plans import Plan
from producer.providers.metered_bars import BarPage, Question
from producer.wall_clock import NEW_YORK, date_at, micros_at

# The hourly ones begin at half past, with the session, where our candles begin on the hour.
CHARTS: dict[Interval, str] = {"1m": "1min", "5m": "5min", "15m": "15min"}


class _Day(msgspec.Struct, frozen=True, gc=False):
    """A day; its `vwap` is left out, for it is the mean of open, high, low and close."""

    date: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None


class _Minutes(msgspec.Struct, frozen=True, gc=False):
    """A bar of minutes; `date` is when it began, by the clocks of New York."""

    date: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None


_days = msgspec.json.Decoder(list[_Day])
_minutes = msgspec.json.Decoder(list[_Minutes])


class FmpBars:
    """Answers bars of the regular session, one call for the dates that a question touches."""

    # A day of minutes, five days of five: how many are answered at most is not documented.
    buckets_per_call = 1_440
    weight = 1

    def __init__(self, server: RestServer, plan: Plan, source: str) -> None:
        self.intervals = plan.bar_intervals
        self._server = server
        self._refusals = plan.refusals
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return None: how far back a plan reaches is not documented."""
        return None

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make one call; raises :class:`ProviderError`."""
        if question.interval == "1d":
            return BarPage(await self._asked_for_days(question))
        return BarPage(await self._asked_for_minutes(question))

    async def _asked_for_days(self, question: Question) -> list[Bar]:
        dates = (to_datetime(question.start).date(), to_datetime(question.end - 1).date())
        reply = await self._server.get(
            "stable/historical-price-eod/full", _parameters(question.symbol, *dates)
        )
        what = f"days of {question.symbol}"
        days = listed(self._server, reply, self._refusals, [question.symbol], _days, what)
        return [question.bar(self._source, day_start(day.date), day.date.isoformat(), day) for day in days]

    async def _asked_for_minutes(self, question: Question) -> list[Bar]:
        dates = (date_at(question.start, NEW_YORK), date_at(question.end - 1, NEW_YORK))
        path = f"stable/historical-chart/{CHARTS[question.interval]}"
        reply = await self._server.get(path, _parameters(question.symbol, *dates))
        what = f"bars of {question.symbol}"
        minutes = listed(self._server, reply, self._refusals, [question.symbol], _minutes, what)
        try:
            return [
                question.bar(self._source, micros_at(told.date, NEW_YORK), told.date.date().isoformat(), told)
                for told in minutes
            ]
        except ValueError as error:
            raise not_understood(self._server.name, what, error) from error


def _parameters(symbol: str, first: date, last: date) -> dict[str, str]:
    return {"symbol": symbol, "from": first.isoformat(), "to": last.isoformat()}
