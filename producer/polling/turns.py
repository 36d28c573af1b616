"""Whose turn it is: the symbols of a polled feed one after the other, who has waited longest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence


class Turns:
    """The symbols that are still asked for; those that are finished wait for the next session."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = deque(symbols)
        self._finished: set[str] = set()

    def __bool__(self) -> bool:
        """Say whether any symbol is left at all."""
        return bool(self._symbols)

    def resume(self, last_times: Mapping[str, int]) -> None:
        """Begin with who was told of longest ago, and with those of whom nothing is known."""
        self._symbols = deque(sorted(self._symbols, key=lambda symbol: last_times.get(symbol, 0)))

    def begin_session(self) -> None:
        """Let every symbol wait for its turn again."""
        self._finished.clear()

    def waiting(self) -> list[str]:
        """Return who waits, the next first."""
        return [symbol for symbol in self._symbols if symbol not in self._finished]

    def asked(self, symbols: Iterable[str]) -> None:
        """Put symbols that had their turn at the end."""
        for symbol in symbols:
            self._symbols.remove(symbol)
            self._symbols.append(symbol)

    def finish(self, symbols: Iterable[str]) -> None:
        """Note that nothing more is to be known of symbols in this session."""
        self._finished.update(symbols)

    def leave_out(self, symbol: str) -> None:
        """Ask for a symbol no more."""
        self._symbols.remove(symbol)
