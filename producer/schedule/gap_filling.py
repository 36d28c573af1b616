"""The job that orders backfills for open gaps, where the source of the symbol has minutes of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from producer.backfill.request import checked_request
from producer.errors import JobFailedError, ProducerError
from producer.events import MICROSECONDS_PER_MINUTE
from producer.gaps.ledger import GapLedger, OpenGap
from producer.providers.bar_source import BarSource
from producer.providers.protocol import Provider
from producer.schedule.backfilling import Fill

# What was asked for and is still open, is asked for again after this long: its provider may be away.
PAUSE_MICROS = 60 * MICROSECONDS_PER_MINUTE
# So many in one turn of the job; the rest has the next one.
MOST_GAPS = 50


class GapFilling:
    """Fills gaps that have an end; the watch closes those of which nothing is missing any more."""

    def __init__(
        self,
        gaps: GapLedger,
        providers: Mapping[str, Provider],
        fill: Fill,
        clock: Callable[[], int],
    ) -> None:
        self._gaps = gaps
        self._providers = providers
        self._fill = fill
        self._clock = clock
        self._asked_at: dict[int, int] = {}

    async def fill_open_gaps(self) -> str:
        """Order a backfill for each gap that can be filled; returns how many there are.

        Raises :class:`JobFailedError` with the reasons where some failed, when all have been tried.
        """
        open_gaps = await self._gaps.open_gaps()
        known = {gap.gap_id for gap in open_gaps}
        self._asked_at = {gap_id: at for gap_id, at in self._asked_at.items() if gap_id in known}
        fillable = [gap for gap in open_gaps if self._can_be_filled(gap)]
        due = [gap for gap in fillable if self._is_due(gap)][:MOST_GAPS]
        failures = []
        for gap in due:
            self._asked_at[gap.gap_id] = self._clock()
            try:
                await self._fill_gap(gap)
            except ProducerError as error:
                failures.append(f"Gap {gap.gap_id} of {gap.series.symbol}: {error}")
        said = f"Of {len(open_gaps)} open gaps {len(fillable)} can be filled; {len(due)} were asked for."
        if failures:
            raise JobFailedError(f"{said} {' '.join(failures)}")
        return said

    async def _fill_gap(self, gap: OpenGap) -> None:
        source, window, now = gap.series.source, gap.window, self._clock()
        await self._fill(
            checked_request(
                dict(self._providers),
                source,
                (gap.series.symbol,),
                "1m",
                max(window.start, self._earliest(source, now)),
                window.end,
                now,
                again=False,
            )
        )

    def _can_be_filled(self, gap: OpenGap) -> bool:
        bars = self._bars(gap.series.source)
        if bars is None or "1m" not in bars.intervals or bars.extent is not None:
            return False
        return gap.window.end > self._earliest(gap.series.source, self._clock())

    def _earliest(self, source: str, now: int) -> int:
        """Return from when on a source has minutes; those before are lost where it forgets."""
        bars = self._bars(source)
        return (None if bars is None else bars.earliest("1m", now)) or 0

    def _bars(self, source: str) -> BarSource | None:
        provider = self._providers.get(source)
        return None if provider is None else provider.bars

    def _is_due(self, gap: OpenGap) -> bool:
        asked_at = self._asked_at.get(gap.gap_id)
        return asked_at is None or self._clock() >= asked_at + PAUSE_MICROS
