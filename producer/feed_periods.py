"""A feed's periods, from its start to its stop or failure, as runs of the journal."""

from __future__ import annotations

from producer.journal import Counts, Entry, RunJournal
from producer.providers.protocol import FeedStatus, Source

STOPPED = "The feed was stopped."


class FeedPeriods:
    """Notes one feed's periods, and of each the events and calls that came to it."""

    def __init__(self, journal: RunJournal, source: Source, status: FeedStatus) -> None:
        self._journal = journal
        self._source = source
        self._status = status
        self._entry: Entry | None = None

    def period_began(self) -> None:
        """Begin a run, unless one is under way."""
        if self._entry is not None:
            return
        status, events, calls = self._status, self._status.events, self._status.calls
        self._entry = self._journal.begin(
            "stream",
            self._source.name,
            {"symbols": list(self._source.symbols)},
            lambda: Counts(status.events - events, status.calls - calls),
        )

    def period_ended(self, error: str | None) -> None:
        """End the run that is under way: it has failed where there is an error."""
        entry, self._entry = self._entry, None
        if entry is not None:
            self._journal.end(entry, "succeeded" if error is None else "failed", error)

    def stopped(self) -> None:
        """End the run that is under way, because somebody wanted the feed to stop."""
        entry, self._entry = self._entry, None
        if entry is not None:
            self._journal.end(entry, "cancelled", STOPPED)
