"""Candles of any multiple are those that a plain computation makes of the stored ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api.database import MINUTE, MONDAY, Market

numbers = count()
# Ten is made of candles of five minutes.
MADE_OF_MINUTES = st.sampled_from([2, 3, 4, 6, 7, 8, 9, 11, 12, 13])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Minute:
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    vwap: Decimal | None
    is_final: bool
    is_partial: bool


def digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


prices = st.decimals("0.000000000000000001", "99999", places=18)
sizes = st.decimals("0.000000000000000001", "99999", places=18)


@st.composite
def minutes(draw: st.DrawFn) -> list[Minute]:
    """A symbol's minutes, with holes; the last one may be unfinished."""
    present = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=25)))
    made = []
    for index in present:
        four = sorted(draw(st.tuples(prices, prices, prices, prices)))
        opened, closed = draw(st.permutations(four[1:3]))
        vwap = draw(st.one_of(st.none(), st.decimals(four[0], four[3], places=18)))
        final = index != present[-1] or draw(st.booleans())
        made.append(
            Minute(
                MONDAY + index * MINUTE,
                opened,
                four[3],
                four[0],
                closed,
                draw(sizes),
                vwap,
                final,
                draw(st.booleans()),
            )
        )
    return made


def naive(stored: Sequence[Minute], length: timedelta) -> list[dict[str, object]]:
    """The same in the plainest Python."""
    buckets: dict[datetime, list[Minute]] = defaultdict(list)
    for minute in stored:
        buckets[minute.start - (minute.start - EPOCH) % length].append(minute)
    return [_candle(start, parts) for start, parts in sorted(buckets.items())]


def _candle(start: datetime, parts: list[Minute]) -> dict[str, object]:
    with localcontext(prec=120):
        traded = [part for part in parts if part.vwap is not None]
        volume = sum((part.volume for part in traded), Decimal(0))
        turnover = sum((part.vwap * part.volume for part in traded if part.vwap), Decimal(0))
        vwap = digits((turnover / volume).quantize(Decimal("1e-18"), ROUND_HALF_UP)) if volume else None
        return {
            "bucket_start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "open": digits(parts[0].open),
            "high": digits(max(part.high for part in parts)),
            "low": digits(min(part.low for part in parts)),
            "close": digits(parts[-1].close),
            "volume": digits(sum((part.volume for part in parts), Decimal(0))),
            "vwap": vwap,
            "trade_count": 2 * len(parts),
            "is_final": all(part.is_final for part in parts),
            "is_partial": any(part.is_partial for part in parts),
            "revision": 3 * len(parts),
            "origin": "stream",
            "source": "coinbase",
            "is_filled": False,
        }


def written(market: Market, stored: Sequence[Minute]) -> str:
    symbol = f"M{next(numbers)}"
    market.asset(symbol)
    for minute in stored:
        market.candle(
            symbol,
            minute.start,
            minute.close,
            open=minute.open,
            high=minute.high,
            low=minute.low,
            volume=minute.volume,
            vwap=minute.vwap,
            trade_count=2,
            is_final=minute.is_final,
            is_partial=minute.is_partial,
        )
    return symbol


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    stored=minutes(),
    multiple=MADE_OF_MINUTES,
    limit=st.integers(1, 8),
    ascends=st.booleans(),
)
def test_pages_of_a_multiple_are_what_plain_python_makes_of_the_minutes(
    api: httpx.Client, market: Market, stored: list[Minute], multiple: int, limit: int, ascends: bool
) -> None:
    symbol = written(market, stored)
    found: list[dict[str, object]] = []
    order: dict[str, str] = {"order": "asc", "start": "2026-01-01"} if ascends else {"order": "desc"}
    cursor: dict[str, str] = {}
    while True:
        parameters = {"interval": f"{multiple}m", "limit": str(limit), **order, **cursor}
        page = api.get(f"/candles/{symbol}", params=parameters).json()
        found += page["candles"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    expected = naive(stored, multiple * MINUTE)
    assert found == (expected if ascends else expected[::-1])


@pytest.mark.parametrize(
    ("asked", "named", "start"),
    [
        ("60m", "1h", "2026-01-05T14:00:00Z"),
        ("2h", "2h", "2026-01-05T14:00:00Z"),
        ("90m", "90m", "2026-01-05T13:30:00Z"),
        ("24h", "24h", "2026-01-05T00:00:00Z"),
    ],
)
def test_hours_are_made_of_the_longest_stored_candles_and_counted_from_the_epoch(
    api: httpx.Client, market: Market, asked: str, named: str, start: str
) -> None:
    symbol = f"H{next(numbers)}"
    market.asset(symbol)
    market.candle(symbol, MONDAY.replace(minute=0), 10, interval="1h")
    market.candle(symbol, MONDAY, 10, interval="15m")
    answer = api.get(f"/candles/{symbol}", params={"interval": asked}).json()
    assert answer["interval"] == named
    assert [candle["bucket_start"] for candle in answer["candles"]] == [start]


def test_a_week_begins_on_monday_and_is_made_of_trading_days(api: httpx.Client, market: Market) -> None:
    market.asset("WEEK", calendar="XNYS")
    midnight = MONDAY.replace(hour=0, minute=0)
    for day in (*range(5), *range(7, 9)):  # Monday to Friday, Monday and Tuesday
        market.candle("WEEK", midnight + timedelta(days=day), 100 + day, interval="1d", volume=day + 1)
    weeks = api.get("/candles/WEEK", params={"interval": "1w"}).json()["candles"]
    assert [(week["bucket_start"], week["open"], week["close"], week["volume"]) for week in weeks] == [
        ("2026-01-05T00:00:00Z", "100", "104", "15"),
        ("2026-01-12T00:00:00Z", "107", "108", "17"),
    ]


def test_a_multiple_is_final_when_the_time_has_passed_its_end_not_when_its_candles_are(
    api: httpx.Client, market: Market
) -> None:
    market.asset("LIVE")
    now = datetime.now(UTC)
    start = now - (now - EPOCH) % timedelta(minutes=30)
    market.candle("LIVE", start - timedelta(minutes=15), 9, interval="15m")
    market.candle("LIVE", start, 10, interval="15m")
    answers = {
        candle["bucket_start"]: candle["is_final"]
        for candle in api.get("/candles/LIVE", params={"interval": "30m"}).json()["candles"]
    }
    assert answers == {
        f"{start - timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}": True,
        f"{start:%Y-%m-%dT%H:%M:%SZ}": False,
    }
    final = api.get("/candles/LIVE", params={"interval": "30m", "final_only": True}).json()["candles"]
    assert len(final) == 1
