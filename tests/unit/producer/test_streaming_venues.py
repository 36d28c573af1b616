"""What is special in the frames of each streaming venue."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from producer.errors import Never, ProviderError, Soon
from producer.events import MarketEvent, to_datetime
from producer.providers.alpaca.feed import AlpacaVenue
from producer.providers.binance.feed import BinanceVenue
from producer.providers.finnhub import FinnhubVenue
from producer.providers.kraken.feed import KrakenVenue

NOW = 99


def only_trades(events: object) -> list[MarketEvent]:
    assert isinstance(events, list)
    return [event for event in events if event.kind == "trade"]


def alpaca() -> AlpacaVenue:
    return AlpacaVenue("wss://stream.example", ("AAPL", "MSFT"), "PKKEY", "SECRET")


def alpaca_trade(time: str, number: int = 1, price: str = "126.5500") -> str:
    return f'[{{"T":"t","i":{number},"S":"AAPL","x":"V","p":{price},"s":1,"t":"{time}","c":["@"],"z":"C"}}]'


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2021-02-22T15:51:44.208Z", "2021-02-22T15:51:44.208000+00:00"),
        ("2021-02-22T15:51:44Z", "2021-02-22T15:51:44+00:00"),
        ("2021-02-22T15:51:59.999999999Z", "2021-02-22T15:51:59.999999+00:00"),
    ],
)
def test_alpacas_nanoseconds_are_cut_off_so_that_no_trade_moves_into_the_next_minute(
    told: str, meant: str
) -> None:
    (event,) = only_trades(alpaca().translate(alpaca_trade(told), NOW).events)
    assert to_datetime(event.event_time).isoformat() == meant


def test_alpacas_trades_after_hours_belong_to_the_session_that_has_closed() -> None:
    (event,) = only_trades(alpaca().translate(alpaca_trade("2024-11-29T21:30:00Z"), NOW).events)
    assert (event.trading_day, event.session_end) == ("2024-11-29", 1732903200000000)


def test_alpacas_ids_are_those_of_a_day_and_so_are_told_apart_by_the_time() -> None:
    venue = alpaca()
    ids = {
        only_trades(venue.translate(alpaca_trade(f"2021-02-{day}T15:00:00Z", 96921), NOW).events)[0].event_id
        for day in (22, 23)
    }
    assert ids == {"alpaca:AAPL:1614006000000000-V-96921", "alpaca:AAPL:1614092400000000-V-96921"}


@pytest.mark.parametrize(
    ("code", "said", "retry"),
    [
        (400, "invalid syntax", Never("endpoint")),
        (401, "not authenticated", Soon()),
        (402, "auth failed", Never("key")),
        (404, "auth timeout", Soon()),
        (405, "symbol limit exceeded", Never("symbol")),
        (406, "connection limit exceeded", Soon()),
        (407, "slow client", Soon()),
        (409, "insufficient subscription", Never("endpoint")),
        (500, "internal error", Soon()),
    ],
)
def test_alpacas_numbered_errors_say_when_to_try_again(code: int, said: str, retry: object) -> None:
    frame = json.dumps([{"T": "error", "code": code, "msg": said}])
    with pytest.raises(ProviderError, match=rf"{said} \(code {code}\)") as error:
        alpaca().translate(frame, NOW)
    assert error.value.retry == retry


def test_alpacas_missing_side_of_a_quote_is_none_and_not_zero() -> None:
    venue = alpaca()
    quote = {"T": "q", "S": "AAPL", "bp": 0, "bs": 0, "ap": 87.68, "as": 4, "t": "2021-02-22T15:51:45.33Z"}
    venue.translate(json.dumps([quote]), NOW)
    assert venue.status.quotes["AAPL"].bid is None
    assert venue.status.quotes["AAPL"].ask == Decimal("87.68")


def finnhub(*symbols: str) -> FinnhubVenue:
    venue = FinnhubVenue("wss://ws.example", symbols or ("AAPL",), "TOKEN")
    venue.opening()
    return venue


def finnhub_trades(*trades: tuple[str, int, str]) -> str:
    data = ",".join(f'{{"s":"{s}","p":{p},"v":10,"t":{t},"c":["1"]}}' for s, t, p in trades)
    return f'{{"data":[{data}],"type":"trade"}}'


def test_finnhubs_trades_of_one_time_are_told_apart_by_their_order_over_all_frames() -> None:
    venue = finnhub("AAPL", "MSFT")
    frames = (
        finnhub_trades(("AAPL", 1741102220244, "274.70"), ("MSFT", 1741102220244, "400.1")),
        finnhub_trades(("AAPL", 1741102220244, "274.70"), ("AAPL", 1741102220245, "274.71")),
    )
    events = [event for frame in frames for event in only_trades(venue.translate(frame, NOW).events)]
    assert [(event.event_id, event.sequence) for event in events] == [
        ("finnhub:AAPL:1741102220244000-0", 0),
        ("finnhub:MSFT:1741102220244000-0", 0),
        ("finnhub:AAPL:1741102220244000-1", 1),
        ("finnhub:AAPL:1741102220245000-0", 0),
    ]
    assert str(events[0].price) == "274.70"


@pytest.mark.parametrize(
    ("symbol", "session_end"),
    [("AAPL", 1741122000000000), ("BINANCE:BTCUSDT", None), ("OANDA:EUR_USD", None)],
)
def test_finnhubs_plain_symbols_trade_in_new_york_and_those_of_a_venue_around_the_clock(
    symbol: str, session_end: int | None
) -> None:
    frame = finnhub_trades((symbol, 1741102220244, "1.5"))
    (event,) = only_trades(finnhub(symbol).translate(frame, NOW).events)
    assert (event.trading_day, event.session_end) == ("2025-03-04", session_end)


def test_a_symbol_that_finnhub_refuses_is_named_and_all_of_them_are_tried_again_much_later() -> None:
    venue = finnhub("AAPL", "NONE")
    heard = venue.translate('{"msg":"Invalid symbol NONE","type":"error"}', NOW)
    assert "Invalid symbol NONE" in (heard.complaint or "")
    with pytest.raises(ProviderError) as error:
        venue.translate('{"msg":"Invalid symbol AAPL","type":"error"}', NOW)
    assert error.value.retry == Never("symbol")


def test_a_key_that_finnhub_refuses_in_a_frame_is_a_wrong_key() -> None:
    with pytest.raises(ProviderError, match="FINNHUB_KEY") as error:
        finnhub().translate('{"type":"error","msg":"Invalid API key"}', NOW)
    assert error.value.retry == Never("key")


def test_binance_is_asked_in_its_own_spelling_and_answers_under_ours() -> None:
    venue = BinanceVenue("wss://stream.example:9443/", ("BTC-USDT",))
    (request,) = venue.opening()
    assert venue.address == "wss://stream.example:9443/stream"
    assert json.loads(request) == {
        "method": "SUBSCRIBE",
        "params": ["btcusdt@trade", "btcusdt@ticker"],
        "id": 1,
    }
    trade = {"e": "trade", "E": 3, "s": "BTCUSDT", "t": 12345, "p": "0.0010", "q": "100", "T": 1672515782136}
    frame = json.dumps({"stream": "btcusdt@trade", "data": trade})
    (event,) = only_trades(venue.translate(frame, NOW).events)
    assert (event.event_id, str(event.price)) == ("binance:BTC-USDT:12345", "0.0010")
    assert event.event_time == 1672515782136000


def test_many_symbols_of_binance_are_asked_for_in_few_messages_of_bounded_size() -> None:
    requests = BinanceVenue("wss://stream.example", tuple(f"C{n}-USDT" for n in range(120))).opening()
    params = [json.loads(request)["params"] for request in requests]
    assert [len(streams) for streams in params] == [100, 100, 40]
    assert len({stream for streams in params for stream in streams}) == 240


def test_a_trade_that_binances_ticker_tells_and_that_never_comes_is_a_gap() -> None:
    venue = BinanceVenue("wss://stream.example", ("BTC-USDT",))

    def ticker(time: int, last: int) -> list[str]:
        data = {"e": "24hrTicker", "E": time, "s": "BTCUSDT", "L": last, "b": "9.9", "a": "10.1"}
        return [event.kind for event in venue.translate(json.dumps({"data": data}), NOW).events]

    trade = {"e": "trade", "s": "BTCUSDT", "t": 7, "p": "10", "q": "1", "T": 1672515782000}
    venue.translate(json.dumps({"data": trade}), NOW)
    assert ticker(1672515783000, 8) == ["heartbeat"]
    assert ticker(1672515784000, 8) == ["break", "heartbeat"]
    assert venue.status.gaps == 1
    assert venue.status.quotes["BTC-USDT"].ask == Decimal("10.1")


def test_every_symbol_that_kraken_refuses_is_tried_again_much_later() -> None:
    venue = KrakenVenue("wss://ws.example/v2", ("AAA-USD", "BBB-USD"))
    trades, _ = venue.opening()
    assert json.loads(trades)["params"] == {
        "channel": "trade",
        "symbol": ["AAA/USD", "BBB/USD"],
        "snapshot": True,
    }

    def refusal(symbol: str) -> str:
        error = f"Currency pair not supported {symbol}"
        return json.dumps(
            {"error": error, "method": "subscribe", "req_id": 1, "success": False, "symbol": symbol}
        )

    assert "AAA/USD" in (venue.translate(refusal("AAA/USD"), NOW).complaint or "")
    with pytest.raises(ProviderError, match="BBB/USD") as error:
        venue.translate(refusal("BBB/USD"), NOW)
    assert error.value.retry == Never("symbol")
