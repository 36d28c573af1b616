"""What clients may ask for."""

from __future__ import annotations

import pytest

from api.errors import InvalidRequestError
from api.live.requests import Ping, Subscribe, Unsubscribe, parse


def test_a_subscription_is_to_all_channels_and_minutes_unless_it_says_else() -> None:
    assert parse('{"op": "subscribe", "symbols": ["BTC-USD"]}') == Subscribe(
        ("BTC-USD",), ("ticks", "candles", "alerts"), "1m"
    )


def test_requests_are_read() -> None:
    assert parse('{"op": "subscribe", "symbols": ["A"], "channels": ["candles"], "interval": "1h"}') == (
        Subscribe(("A",), ("candles",), "1h")
    )
    assert parse(b'{"op": "unsubscribe", "symbols": ["A"], "channels": ["ticks"]}') == (
        Unsubscribe(("A",), ("ticks",), None)
    )
    assert parse('{"op": "ping"}') == Ping()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "malformed"),
        ("[]", "object"),
        ("{}", "op"),
        ('{"op": "sell"}', "sell"),
        ('{"op": "subscribe"}', "symbols"),
        ('{"op": "subscribe", "symbols": []}', "length"),
        ('{"op": "subscribe", "symbols": ["A"], "channels": ["news"]}', "news"),
        ('{"op": "subscribe", "symbols": ["A"], "chanels": ["ticks"]}', "chanels"),
        ('{"op": "subscribe", "symbols": ["A"], "interval": "7m"}', "'7m'.*1m, 5m, 15m, 1h, 1d, 30m, 4h, 1w"),
        ('{"op": "subscribe", "symbols": ["' + 'A", "' * 500 + 'B"]}', "500"),
        (b"\xff\xfe", "not understood"),
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidRequestError, match=reason):
        parse(text)
