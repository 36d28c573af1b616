"""What the suite must know of a provider to answer as it: its bodies, in the form that it documents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from pydantic import SecretStr

from producer.events import MICROSECONDS_PER_SECOND, to_datetime
from producer.trading_day import ALWAYS_OPEN
from producer.wall_clock import NEW_YORK
from tests.answers import Answer, Question
from tests.integration.producer.bar_conformance.market import Market, Row

HTML = Answer("<html><title>Just a moment</title></html>", 200, "text/html")
AWAY = Answer("<html><h1>503 Service Temporarily Unavailable</h1></html>", 503, "text/html")


class BarDialect(ABC):
    """One provider of bars; times are microseconds since the epoch, UTC."""

    name: ClassVar[str]
    symbol: ClassVar[str] = "BTC-USD"
    calendar: ClassVar[str] = ALWAYS_OPEN
    # What a symbol that does not exist is answered with, and whether that differs from one without bars.
    unknown_symbol: ClassVar[Answer]
    tells_unknown_symbols: ClassVar[bool] = True
    rate_limited: ClassVar[Answer]
    # Beside a server that is away: what a provider in trouble says itself.
    failing: ClassVar[Answer] = AWAY
    # What a wrong key is answered with; None where there are no keys.
    wrong_key: ClassVar[Answer | None] = None
    # Whether calls are counted, and as how many.
    weight: ClassVar[int | None] = 1

    @abstractmethod
    def settings(self, url: str, key: SecretStr) -> dict[str, object]:
        """Return the producer's settings for the server at this address."""

    @abstractmethod
    def answer(self, question: Question, market: Market) -> Answer:
        """Answer as the provider does, within its limits."""


def seconds(micros: int) -> int:
    return micros // MICROSECONDS_PER_SECOND


def in_new_york(row: Row) -> datetime:
    """When a bar of minutes begins, as the clocks in New York show it."""
    return to_datetime(row.start).astimezone(NEW_YORK).replace(tzinfo=None)
