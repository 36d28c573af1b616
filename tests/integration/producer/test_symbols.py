"""Which symbols are followed is changed over HTTP, at once and over restarts."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.producer.broker import Broker
from tests.integration.producer.conftest import KEY, Serve
from tests.integration.producer.venue import Venue, match
from tests.integration.producer.waiting import until
from tests.stack import RunningStack

ONE = "ONE-USD"


@pytest.fixture(autouse=True)
def forgotten(stack: RunningStack, symbol: str) -> Iterator[None]:
    """Leave nothing behind: other tests have the same providers."""
    yield
    connection = stack.psycopg("market_writer")
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM assets WHERE symbol = ANY(%s)", ([symbol, ONE],))
    connection.close()


async def follow(client: httpx.AsyncClient, provider: str, symbol: str) -> httpx.Response:
    return await client.post("/symbols", json={"provider": provider, "symbol": symbol}, headers=KEY)


async def followed(client: httpx.AsyncClient, provider: str) -> list[str]:
    return [one["symbol"] for one in (await client.get("/symbols")).json() if one["provider"] == provider]


async def test_a_symbol_that_is_asked_for_is_streamed_at_once_and_after_a_restart(
    serve: Serve, broker: Broker, symbol: str
) -> None:
    async with (
        broker.following() as arrivals,
        Venue([[match(ONE, 1, 7)], [match(symbol, 2, 8)], [match(symbol, 3, 9)]]) as venue,
    ):
        configured = {"coinbase_ws_url": venue.url, "coinbase_products": (ONE,), "feeds": ("coinbase",)}
        async with serve(**configured) as client:
            await until(lambda: len(venue.subscriptions) == 1, "the feed runs")
            response = await follow(client, "coinbase", symbol)
            assert response.status_code == 201
            assert response.json() == {
                "symbol": symbol,
                "provider": "coinbase",
                "kind": "live",
                "streaming": True,
            }
            await until(lambda: arrivals.of_symbol(symbol), "the symbol is streamed")
            assert (await follow(client, "coinbase", symbol)).status_code == 200
        async with serve(**configured) as client:
            assert await followed(client, "coinbase") == [ONE, symbol]
            await until(lambda: len(venue.subscriptions) == 3, "the feed runs again")
    assert [one["product_ids"] for one in venue.subscriptions] == [[ONE], [ONE, symbol], [ONE, symbol]]


async def test_a_configured_symbol_that_is_deleted_is_followed_no_more_until_it_is_asked_for(
    serve: Serve, symbol: str, stack: RunningStack
) -> None:
    configured = {"coinbase_products": (ONE, symbol)}
    async with serve(**configured) as client:
        response = await client.delete(f"/symbols/coinbase/{symbol}", headers=KEY)
        assert response.status_code == 204
        assert await followed(client, "coinbase") == [ONE]
        assert (await client.delete(f"/symbols/coinbase/{symbol}", headers=KEY)).status_code == 404
    connection = stack.psycopg("market_reader")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT deleted_at IS NOT NULL FROM assets WHERE symbol = %s", [symbol])
        assert cursor.fetchall() == [(True,)]
    connection.close()
    async with serve(**configured) as client:
        assert await followed(client, "coinbase") == [ONE]
        assert (await follow(client, "coinbase", symbol)).status_code == 201
    async with serve(**configured) as client:
        assert set(await followed(client, "coinbase")) == {ONE, symbol}


async def test_what_cannot_be_followed_is_refused_with_the_reason(serve: Serve, symbol: str) -> None:
    async with (
        Venue([[match(symbol, 1, 7)]]) as venue,
        serve(
            coinbase_ws_url=venue.url,
            coinbase_products=(symbol,),
            feeds=("coinbase",),
        ) as client,
    ):
        streamed = await follow(client, "kraken", symbol)
        assert streamed.status_code == 409
        assert streamed.json()["detail"].startswith(f"coinbase streams {symbol} already")
        spelled = await follow(client, "kraken", "BTC")
        assert spelled.status_code == 422
        assert "'BTC' is no pair of currencies" in spelled.json()["detail"]
        unknown = await follow(client, "history", "IBM")
        assert unknown.status_code == 404
        last = await client.delete(f"/symbols/coinbase/{symbol}", headers=KEY)
        assert last.status_code == 409
        assert (await client.post("/symbols", json={})).status_code == 401
        assert (await client.delete(f"/symbols/coinbase/{symbol}")).status_code == 401


async def test_without_the_database_the_configured_symbols_hold_and_cannot_be_changed(
    serve: Serve, symbol: str
) -> None:
    async with serve(postgres_port=1, coinbase_products=(ONE,)) as client:
        assert await followed(client, "coinbase") == [ONE]
        assert (await follow(client, "coinbase", symbol)).status_code == 503
        assert await followed(client, "coinbase") == [ONE]
