"""Carries out what a client asks for."""

from __future__ import annotations

from collections.abc import Sequence

from api.errors import ApiError
from api.intervals import FOLLOWED
from api.live.client import Client
from api.live.hub import Hub
from api.live.messages import Error, Pong, Subscribed, Unsubscribed, reply
from api.live.requests import Ping, Subscribe, Unsubscribe, check_count, parse
from api.live.symbols import KnownSymbols
from api.live.topics import Channel, Topic, topics
from producer.events import clock_micros, to_datetime

NAMED_SYMBOLS = 20


async def handle(text: str | bytes, client: Client, hub: Hub, symbols: KnownSymbols) -> None:
    """Do what a client's message asks for, and answer; what is wrong with it is answered, too."""
    try:
        request = parse(text)
        if isinstance(request, Subscribe):
            await _subscribe(request, client, hub, symbols)
        elif isinstance(request, Unsubscribe):
            _unsubscribe(request, client, hub)
        else:
            _pong(request, client)
    except ApiError as error:
        _answer(client, Error(error.title, str(error)))


async def _subscribe(request: Subscribe, client: Client, hub: Hub, symbols: KnownSymbols) -> None:
    check_count(len(client.symbols | set(request.symbols)))
    unknown = await symbols.unknown(request.symbols)
    if unknown:
        _answer(client, Error("No such symbol", no_such_symbol(unknown)))
    known = _without(request.symbols, unknown)
    if known:
        _answer(client, Subscribed(known, request.channels, _interval(request.channels, request.interval)))
        hub.subscribe(client, topics(known, request.channels, request.interval))


def _unsubscribe(request: Unsubscribe, client: Client, hub: Hub) -> None:
    intervals = FOLLOWED if request.interval is None else (request.interval,)
    left: list[Topic] = []
    for interval in intervals:
        left += topics(request.symbols, request.channels, interval)
    hub.unsubscribe(client, left)
    said = Unsubscribed(
        _without(request.symbols, ()), request.channels, _interval(request.channels, request.interval)
    )
    _answer(client, said)


def _pong(_: Ping, client: Client) -> None:
    _answer(client, Pong(to_datetime(clock_micros())))


def no_such_symbol(unknown: Sequence[str]) -> str:
    """Name symbols that are not followed here, and say where those that are stand."""
    shown = ", ".join(unknown[:NAMED_SYMBOLS])
    more = f" and {len(unknown) - NAMED_SYMBOLS} more" if len(unknown) > NAMED_SYMBOLS else ""
    return f"Not followed here: {shown}{more}. GET /api/v1/assets lists the symbols that are."


def _answer(client: Client, body: Subscribed | Unsubscribed | Pong | Error) -> None:
    client.answer(reply(body))


def _without(symbols: Sequence[str], unknown: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(symbol for symbol in symbols if symbol not in set(unknown)))


def _interval(channels: Sequence[Channel], interval: str | None) -> str | None:
    return interval if "candles" in channels else None
