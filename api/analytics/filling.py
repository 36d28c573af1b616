"""Candles where nothing traded while the venue was open: an option of a query, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from api.shapes.market import Candle

Fill = Literal["previous", "null"]


def filled(
    stored: Iterable[Candle], expected: Iterable[datetime], before: Candle | None, how: Fill
) -> list[Candle]:
    """Return stored candles and, where none is stored but expected, filled ones, in ascending order.

    With ``previous`` their prices are the close before them, at first that of the candle ``before``.
    """
    by_time = {candle.bucket_start: candle for candle in stored}
    close = before.close if before else None
    result = []
    for moment in sorted(by_time.keys() | set(expected)):
        candle = by_time.get(moment) or _empty(moment, close if how == "previous" else None, how)
        close = candle.close if candle.close is not None else close
        result.append(candle)
    return result


def _empty(moment: datetime, price: str | None, how: Fill) -> Candle:
    return Candle(
        bucket_start=moment,
        open=price,
        high=price,
        low=price,
        close=price,
        volume="0" if how == "previous" else None,
        vwap=None,
        trade_count=0,
        is_final=True,
        is_partial=False,
        revision=None,
        origin=None,
        source=None,
        is_filled=True,
    )
