"""The job that orders backfills for open gaps, where the source of the symbol has minutes of the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from producer.backfill.request import checked_request
from producer.errors import JobFailedError, ProducerError
from producer.events import MICROSECONDS_PER_MINUTE
from producer.gaps.ledger import GapLedger, OpenGap
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
        source, window = gap.series.source, gap.window
        await self._fill(
            checked_request(
                dict(self._providers),
                source,
                (gap.series.symbol,),
                "1m",
                window.start,
                window.end,
                self._clock(),
                again=False,
            )
        )

    def _can_be_filled(self, gap: OpenGap) -> bool:
        provider = self._providers.get(gap.series.source)
        bars = None if provider is None else provider.bars
        return bars is not None and "1m" in bars.intervals and bars.extent is None

    def _is_due(self, gap: OpenGap) -> bool:
        asked_at = self._asked_at.get(gap.gap_id)
        return asked_at is None or self._clock() >= asked_at + PAUSE_MICROS
