"""Bars as they were traded, not adjusted: the newest days with any key, the rest with a premium one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

import msgspec

from producer.bars import Bar, Interval, day_start
from producer.errors import Never, ProviderError
from producer.events import MICROSECONDS_PER_DAY
from producer.polling.http import Reply, RestServer
from producer.polling.refusals import classify, not_understood
from producer.providers.alpha_vantage.refusals import REFUSALS, UNKNOWN_SYMBOL
from producer.providers.metered_bars import BarPage, Question
from producer.wall_clock import NEW_YORK, date_at, micros_at

PlanName = Literal["free", "premium"]

# "Time Series (Daily)", "Time Series (5min)": it names what it has.
WRAPPER = "Time Series"
# Those of 60 minutes begin at half past, with the session, where our candles begin on the hour.
MINUTES: dict[Interval, str] = {"1m": "1min", "5m": "5min", "15m": "15min"}
COMPACT_DAYS = 100
# So many days of the calendar never have more than 100 sessions: a hundred weekdays, less some holidays.
COMPACT_REACH_DAYS = 140


class _Row(msgspec.Struct, frozen=True, gc=False):
    open: Decimal = msgspec.field(name="1. open")
    high: Decimal = msgspec.field(name="2. high")
    low: Decimal = msgspec.field(name="3. low")
    close: Decimal = msgspec.field(name="4. close")
    volume: Decimal = msgspec.field(name="5. volume")


Moment = TypeVar("Moment", date, datetime)


class AlphaVantageBars:
    """Answers days in one call, minutes in a call a month."""

    # Less than a month of minutes: such a question touches two months at most.
    buckets_per_call = 40_000
    weight = 1

    def __init__(self, server: RestServer, plan: PlanName, source: str) -> None:
        self.intervals: tuple[Interval, ...] = (*MINUTES, "1d") if plan == "premium" else ("1d",)
        self._server = server
        self._plan = plan
        self._source = source

    def earliest(self, interval: Interval, now: int) -> int | None:
        """Return from when on a free key certainly has days; None for a premium one."""
        return None if self._plan == "premium" else _compact_since(now)

    async def ask(self, question: Question, page: str | None) -> BarPage:
        """Make one call, ``page`` is a month, ``YYYY-MM``; raises :class:`ProviderError`."""
        if question.interval == "1d":
            return BarPage(await self._asked_for_days(question))
        month = page or _month(question.start)
        bars = await self._asked_for_minutes(question, month)
        return BarPage(bars, None if month >= _month(question.end - 1) else _following(month))

    async def _asked_for_days(self, question: Question) -> list[Bar]:
        is_compact = question.start >= _compact_since(self._server.clock.now()) or self._plan == "free"
        parameters = {
            "function": "TIME_SERIES_DAILY",
            "symbol": question.symbol,
            "outputsize": "compact" if is_compact else "full",
        }
        reply = await self._server.get("query", parameters)
        days = self._series(reply, question, date)
        oldest = min(days, default=date.min)
        if is_compact and len(days) >= COMPACT_DAYS and day_start(oldest) > question.start:
            raise ProviderError(
                f"With a free key Alpha Vantage has the newest {COMPACT_DAYS} days, since {oldest}. Ask "
                f"for a later start, or set ALPHA_VANTAGE_PLAN=premium with a key that has more.",
                retry=Never("endpoint"),
            )
        return [question.bar(self._source, day_start(day), day.isoformat(), row) for day, row in days.items()]

    async def _asked_for_minutes(self, question: Question, month: str) -> list[Bar]:
        parameters = {
            "function": "TIME_SERIES_INTRADAY",
            "symbol": question.symbol,
            "interval": MINUTES[question.interval],
            "month": month,
            "outputsize": "full",
            "adjusted": "false",
            "extended_hours": "false",
        }
        reply = await self._server.get("query", parameters)
        rows = self._series(reply, question, datetime)
        try:
            return [
                question.bar(self._source, micros_at(began, NEW_YORK), began.date().isoformat(), row)
                for began, row in rows.items()
            ]
        except ValueError as error:
            raise not_understood(self._server.name, f"bars of {question.symbol}", error) from error

    def _series(self, reply: Reply, question: Question, moments: type[Moment]) -> dict[Moment, _Row]:
        if reply.status != 200:
            raise classify(self._server.name, reply, REFUSALS, [question.symbol])
        try:
            body = msgspec.json.decode(reply.text, type=dict[str, msgspec.Raw])
            told = next((value for key, value in body.items() if key.startswith(WRAPPER)), None)
            if told is None:
                refusals = REFUSALS if body else (UNKNOWN_SYMBOL,)
                raise classify(self._server.name, reply, refusals, [question.symbol])
            return msgspec.json.decode(told, type=dict[moments, _Row])  # type: ignore[valid-type]
        except msgspec.DecodeError as error:
            raise not_understood(self._server.name, f"bars of {question.symbol}", error) from error


def _compact_since(now: int) -> int:
    return now - now % MICROSECONDS_PER_DAY - COMPACT_REACH_DAYS * MICROSECONDS_PER_DAY


def _month(micros: int) -> str:
    return f"{date_at(micros, NEW_YORK):%Y-%m}"


def _following(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
