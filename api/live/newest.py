"""The newest candles of many symbols at once, as the REST API has them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ARRAY, Select, Text, column, func, literal, literal_column, select, true

from api import intervals
from api.database import Database
from api.live.messages import Candle
from api.queries.candles import selected
from api.queries.window import Window


async def newest_candles(
    database: Database, symbols: Sequence[str], interval: str, buckets: int
) -> list[Candle]:
    """Return the newest candles of each symbol, one symbol after another, oldest first."""
    rows = await database.rows(_newest(symbols, intervals.parsed(interval), buckets))
    return [Candle(symbol, interval, *values) for symbol, *values in rows]


def _newest(
    symbols: Sequence[str], interval: intervals.Interval, buckets: int
) -> Select[*tuple[object, ...]]:
    given = func.unnest(literal(list(symbols), ARRAY(Text)))
    followed = given.table_valued(column("symbol", Text), name="followed").render_derived(name="followed")
    # By its name: as an object it would become a table of the query inside, too.
    symbol = literal_column("followed.symbol", Text)
    window = Window(None, None, buckets, newest_first=True)
    candle = selected(symbol, interval, window).lateral("candle")
    return (
        select(followed.c.symbol, *candle.c)
        .select_from(followed)
        .join(candle, true())
        .order_by(followed.c.symbol, next(iter(candle.c)))
    )
