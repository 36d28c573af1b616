"""How often one feed asks, and what it says of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from producer.polling.hours import Window
from producer.polling.pace import Pace, describe_pace, even_pace, over_commitment
from producer.polling.quotes import MeteredQuotes

logger = logging.getLogger(__name__)


class Pacing:
    """Spreads the calls that are left over the time that is left; ``setting`` is where the symbols stand."""

    def __init__(self, source: str, symbols: Sequence[str], quotes: MeteredQuotes, setting: str) -> None:
        self._source = source
        self._symbols = symbols
        self._quotes = quotes
        self._setting = setting
        self._fault: str | None = None

    def explain(self, window: Window) -> None:
        """Log what each symbol gets in a whole window, and why symbols are too many where they are."""
        budget = self._quotes.meter.budget
        self._fault = over_commitment(
            budget, self._symbols, self._quotes.symbols_per_call, window, self._setting
        )
        if self._fault is not None:
            logger.warning("%s: %s", self._source, self._fault)
        pace = self.pace(self._symbols, window.seconds, budget.calls_a_day)
        logger.info("%s: %s", self._source, describe_pace(pace, budget, self._symbols))

    def pace(self, symbols: Sequence[str], seconds: float, calls_left: int | None) -> Pace:
        """Return the pace of some symbols for so many seconds and calls."""
        budget = self._quotes.meter.budget
        return even_pace(budget, len(symbols), self._quotes.symbols_per_call, seconds, calls_left)

    def describe(self, pace: Pace, symbols: Sequence[str]) -> str:
        """Say what each of these symbols gets, and what is wrong with the whole of them."""
        described = describe_pace(pace, self._quotes.meter.budget, symbols)
        return f"{described}. {self._fault}" if self._fault else described
