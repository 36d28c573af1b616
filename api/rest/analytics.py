"""What is worked out of candles: a symbol's summary, the market, volumes, correlations."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.analytics.statistics import correlation
from api.analytics.summary import Summed, summary
from api.errors import InvalidRequestError, NotFoundError
from api.intervals import LENGTHS
from api.queries import assets, candles, market
from api.queries.window import Window
from api.rest.describing import answers
from api.rest.parameters import (
    MOST_ROWS,
    AnyInterval,
    End,
    Start,
    StoredInterval,
    Symbol,
    check_order,
    interval_of,
)
from api.rest.replies import RepliesDep
from api.rest.services import ServicesDep
from api.shapes.analytics import (
    Breadth,
    Correlation,
    Correlations,
    Mover,
    Overview,
    Summary,
    VolumeGroup,
    Volumes,
)
from producer.api.models import Symbol as CanonicalSymbol

router = APIRouter(tags=["analytics"])

MOST_SYMBOLS = 12
MOST_CANDLES_A_SYMBOL = 500
DEFAULT_CANDLES = 24


@router.get("/analytics/{symbol:path}/summary", responses=answers(Summary, NotFoundError))
async def summarize(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Symbol,
    interval: StoredInterval = "1h",
    start: Start = None,
    end: End = None,
) -> Response:
    """Sum a symbol up over `[start, end)`; without them over the 24 candles that end with the newest."""
    check_order(start, end)
    asset = await assets.known_asset(services.database, symbol)
    wanted = interval_of(interval)
    if end is None:
        period = await candles.period(services.database, symbol, wanted)
        end = (period[1] if period else wanted.floor(datetime.now(UTC))) + wanted.length
    start = start or end - DEFAULT_CANDLES * wanted.length
    check_order(start, end)
    found = await candles.candles(
        services.database, candles.selected(symbol, wanted, Window(start, end, MOST_ROWS + 1))
    )
    if len(found) > MOST_ROWS:
        raise InvalidRequestError(
            f"interval: there are more than {MOST_ROWS:,} candles of {interval} in this time: ask for a "
            f"longer interval or a shorter time."
        )
    return replies.one(summary(Summed(asset, interval, start, end), found))


@router.get("/market/overview", responses=answers(Overview))
async def overview(
    services: ServicesDep,
    replies: RepliesDep,
    over: Annotated[
        AnyInterval, Query(description="How long a time; it ends with the newest candle.")
    ] = "24h",
    top: Annotated[int, Query(ge=1, le=100, description="How many symbols each list has.")] = 10,
) -> Response:
    """Show the market: how many symbols rose and fell, who moved most, what is most active."""
    length = interval_of(over).length
    interval = market.base_of(length)
    newest = await services.database.row(market.newest(interval))
    followed = await services.database.row(market.followed())
    end: datetime | None = newest[0] + LENGTHS[interval] if newest else None
    start = end - length if end else None
    rows = await services.database.rows(market.movements(interval, start, end)) if start and end else []
    movers = [Mover(*row) for row in rows]
    by_change = sorted(movers, key=lambda mover: mover.change)
    rising, falling = (
        sum(mover.change > 0 for mover in movers),
        sum(mover.change < 0 for mover in movers),
    )
    page = Overview(
        start=start,
        end=end,
        interval=interval,
        breadth=Breadth(
            rising=rising,
            falling=falling,
            unchanged=len(movers) - rising - falling,
            silent=(followed[0] if followed else 0) - len(movers),
        ),
        gainers=[mover for mover in by_change[::-1][:top] if mover.change > 0],
        losers=[mover for mover in by_change[:top] if mover.change < 0],
        most_active=sorted(movers, key=lambda mover: float(mover.turnover), reverse=True)[:top],
    )
    return replies.page(page, Mover, movers)


@router.get("/market/volume", responses=answers(Volumes, NotFoundError))
async def average_volumes(
    services: ServicesDep,
    replies: RepliesDep,
    interval: StoredInterval = "1h",
    symbol: Annotated[
        list[CanonicalSymbol] | None,
        Query(max_length=MOST_SYMBOLS, description="Of these; of all without."),
    ] = None,
    by: Annotated[Literal["symbol", "hour"], Query(description="hour: of the UTC day.")] = "symbol",
    start: Start = None,
    end: End = None,
) -> Response:
    """Average the volume of final candles in `[start, end)`; without them of the 24 newest candles' time."""
    start, end = await _time(services, interval, start, end)
    wanted = list(dict.fromkeys(symbol or ()))
    for one in wanted:
        await assets.known_asset(services.database, one)
    query = market.volumes(interval, start, end, wanted, by_hour=by == "hour")
    groups = [VolumeGroup(*row) for row in await services.database.rows(query)]
    page = Volumes(interval=interval, start=start, end=end, volumes=groups)
    return replies.page(page, VolumeGroup, groups)


@router.get("/market/correlation", responses=answers(Correlations, NotFoundError))
async def correlations(
    services: ServicesDep,
    replies: RepliesDep,
    symbol: Annotated[
        list[CanonicalSymbol], Query(min_length=2, max_length=MOST_SYMBOLS, description="At least two.")
    ],
    interval: StoredInterval = "1h",
    start: Start = None,
    end: End = None,
) -> Response:
    """Correlate the log returns of symbols in `[start, end)`; without them of the 24 newest candles' time."""
    start, end = await _time(services, interval, start, end)
    closes = {}
    for one in dict.fromkeys(symbol):
        await assets.known_asset(services.database, one)
        rows = await services.database.rows(market.closes(one, interval, start, end))
        closes[one] = {row[0]: row[1] for row in rows}
    pairs = await asyncio.to_thread(
        lambda: [
            Correlation(one, other, *correlation(closes[one], closes[other]))
            for one, other in combinations(closes, 2)
        ]
    )
    page = Correlations(interval=interval, start=start, end=end, correlations=pairs)
    return replies.page(page, Correlation, pairs)


async def _time(
    services: ServicesDep, interval: str, start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime]:
    """Complete the time that is asked for; raises :class:`InvalidRequestError` where it is too long."""
    check_order(start, end)
    length: timedelta = LENGTHS[interval]
    if end is None:
        newest = await services.database.row(market.newest(interval))
        end = (newest[0] if newest else datetime.now(UTC)) + length
    start = start or end - DEFAULT_CANDLES * length
    check_order(start, end)
    if end - start > MOST_CANDLES_A_SYMBOL * length:
        raise InvalidRequestError(
            f"start: from {start.isoformat()} to {end.isoformat()} there is room for more than "
            f"{MOST_CANDLES_A_SYMBOL} candles of {interval} a symbol: ask for a longer interval or "
            f"a shorter time."
        )
    return start, end
