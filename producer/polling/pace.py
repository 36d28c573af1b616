"""How often each symbol is really asked for, and the sentences that say so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from producer.polling.hours import Window
from producer.quota.budget import Budget

# No plan needs a symbol more often: a minute's candle then has a dozen quotes.
SHORTEST_SYMBOL_SECONDS = 5.0
NAMED_SYMBOLS = 3


@dataclass(frozen=True)
class Pace:
    """Calls at even distances; ``round_calls`` of them ask for every symbol once."""

    spacing_seconds: float
    round_calls: int

    @property
    def symbol_seconds(self) -> float:
        """How far apart the quotes of one symbol are."""
        return self.spacing_seconds * self.round_calls


def even_pace(
    budget: Budget, symbols: int, symbols_per_call: int, seconds: float, calls_left: int | None
) -> Pace:
    """Spread the calls that are left over the seconds that are left, within the shorter limits."""
    round_calls = math.ceil(symbols / symbols_per_call)
    evenly = 0.0 if calls_left is None else seconds / calls_left
    spacing = max(evenly, budget.shortest_spacing_seconds, SHORTEST_SYMBOL_SECONDS / round_calls)
    return Pace(spacing, round_calls)


def describe_pace(pace: Pace, budget: Budget, symbols: Sequence[str]) -> str:
    """Say what a symbol gets: "250 calls a day: AAPL every 94 s"."""
    calls = ", ".join(f"{limit.calls:,} calls a {limit.period}" for limit in budget.limits)
    return f"{calls}: {_names(symbols)} every {describe_seconds(pace.symbol_seconds)}"


def over_commitment(
    budget: Budget, symbols: Sequence[str], symbols_per_call: int, window: Window, setting: str
) -> str | None:
    """Say why these symbols are more than the budget can serve; None when they are not."""
    faults = []
    if budget.most_symbols is not None and len(symbols) > budget.most_symbols:
        faults.append(
            f"the plan answers {budget.most_symbols} different symbols, so at least "
            f"{len(symbols) - budget.most_symbols} will be refused"
        )
    calls = budget.calls_a_day
    round_calls = math.ceil(len(symbols) / symbols_per_call)
    if calls is not None and round_calls > calls:
        faults.append(
            f"{calls} calls a day cannot ask for each once on {window.date}: every symbol has its turn on "
            f"one session of {math.ceil(round_calls / calls)}"
        )
    if not faults:
        return None
    return (
        f"{setting} names {len(symbols)} symbols, which is too many: {'; '.join(faults)}. Name fewer, or use "
        f"a larger plan."
    )


def describe_seconds(seconds: float) -> str:
    """Write a duration as people do: 94 s, 12 min, 2 h 16 min."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _names(symbols: Sequence[str]) -> str:
    if len(symbols) <= NAMED_SYMBOLS + 1:
        return ", ".join(symbols)
    return f"{', '.join(symbols[:NAMED_SYMBOLS])} and {len(symbols) - NAMED_SYMBOLS} more"
