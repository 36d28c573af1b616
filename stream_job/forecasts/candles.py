"""The series that can be forecast, and their candles, as PostgreSQL has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from db.models import Asset, DataSource
from db.models import Candle as StoredCandle
from stream_job.errors import ForecastImpossibleError
from stream_job.forecasts.backtest import MOST_CANDLES
from stream_job.forecasts.horizon import ForecastInterval
from stream_job.forecasts.series import Candle, Series, since_last_silence


@dataclass(frozen=True)
class Followed:
    """A symbol that is followed: its venue's calendar, and how real its source is."""

    symbol: str
    calendar: str
    source_kind: str


def followed(connection: Connection, symbols: Sequence[str], calendar: str | None = None) -> list[Followed]:
    """Return the symbols that are followed, all or these, of one calendar or any, by name.

    Raises :class:`ForecastImpossibleError` for a symbol that is not followed.
    """
    query = (
        select(Asset.symbol, Asset.calendar, DataSource.kind)
        .join(DataSource, DataSource.name == Asset.source)
        .where(Asset.deleted_at.is_(None))
        .order_by(Asset.symbol)
    )
    if symbols:
        query = query.where(Asset.symbol.in_(symbols))
    if calendar is not None:
        query = query.where(Asset.calendar == calendar)
    found = [Followed(row.symbol, row.calendar, row.kind) for row in connection.execute(query)]
    unknown = sorted(set(symbols) - {one.symbol for one in found})
    if unknown and calendar is None:
        raise ForecastImpossibleError(
            f"{', '.join(unknown)}: not followed. `candlewick symbols` lists what is; symbols are written "
            f"as in the candles, such as BTC-USD."
        )
    return found


def read_series(connection: Connection, of: Followed, interval: ForecastInterval) -> Series:
    """Read the newest final candles of a symbol, as many as are of use, since its last long silence.

    A partial candle is read, too: its close is a price that was paid. None may be there at all.
    """
    query = (
        select(StoredCandle.bucket_start, StoredCandle.close)
        .where(StoredCandle.symbol == of.symbol, StoredCandle.interval == interval, StoredCandle.is_final)
        .order_by(StoredCandle.bucket_start.desc())
        .limit(MOST_CANDLES)
    )
    newest_first = [Candle(row.bucket_start, row.close) for row in connection.execute(query)]
    candles = since_last_silence(newest_first[::-1], interval)
    return Series(of.symbol, interval, of.calendar, of.source_kind, candles)
