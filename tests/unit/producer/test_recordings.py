"""Recorded files, read as each format."""

# ruff: noqa: E501 -- a recorded line is as long as it is

from __future__ import annotations

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from producer.errors import RecordingError
from producer.events import MarketEvent, encode_events, trade
from producer.providers.replay.binance import canonical_symbol
from producer.providers.replay.formats import RecordingFormat
from producer.providers.replay.recording import CHUNK_BYTES, Recording

Writer = Callable[[bytes], Path]

BINANCE = """\
1700000000000000123 {"stream":"abcusdt@bookTicker","data":{"u":3,"s":"ABCUSDT","b":"1","B":"2","a":"3","A":"4"}}
1700000000100000456 {"stream":"abcusdt@trade","data":{"e":"trade","E":1700000001352,"s":"ABCUSDT","t":41,"p":"12.34000000","q":"0.50000000","T":1700000001350,"m":true,"M":true}}
1700000000200000789 {"lastUpdateId":7,"bids":[],"asks":[]}
1700000000300000000 {"stream":"abcusdt@trade","data":{"e":"trade","E":1700000001502,"s":"ABCUSDT","t":42,"p":"12.35000000","q":"1.25000000","T":1700000001500,"m":false,"M":true}}
"""

COINBASE = """\
wss://feed.example <-> 1700000000.5
wss://feed.example <- 1700000000.6: {"type":"subscribe","product_ids":["ABC-USD"],"channels":["matches"]}
1700000000.7: {"type":"subscriptions","channels":[]}
1700000000.8: {"type":"last_match","trade_id":6,"size":"1","price":"9.9","product_id":"ABC-USD","time":"2023-11-14T22:10:00.000000Z"}
1700000001.123456: {"type":"match","trade_id":7,"size":"2.5","price":"10.10","product_id":"ABC-USD","time":"2023-11-14T22:13:20.900001Z"}
1700000001.2: {"type":"l2update","product_id":"ABC-USD","changes":[],"time":"2023-11-14T22:13:21.000000Z"}
"""


def read(path: Path, kind: RecordingFormat) -> list[MarketEvent]:
    return [event for events in kind.read(Recording(path)) for event in events]


def made(number: int) -> MarketEvent:
    return trade(
        "venue",
        "A",
        event_time=number,
        ingest_time=0,
        sequence=number,
        price=Decimal("1.10"),
        size=Decimal(2),
    )


@pytest.fixture(params=["plain", "gzipped"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Writer:
    def write(content: bytes) -> Path:
        path = tmp_path / "recording"
        path.write_bytes(gzip.compress(content) if request.param == "gzipped" else content)
        return path

    return write


def test_binance_trades_have_the_time_of_the_venue_and_our_time_of_receipt(written: Writer) -> None:
    first, second = read(written(BINANCE.encode()), RecordingFormat.BINANCE)
    assert first == trade(
        "replay:binance",
        "ABC-USDT",
        event_time=1_700_000_001_350_000,
        ingest_time=1_700_000_000_100_000,
        sequence=41,
        price=Decimal("12.34000000"),
        size=Decimal("0.50000000"),
    )
    assert second.sequence == 42


def test_coinbase_recordings_go_through_the_translator_of_the_live_feed(written: Writer) -> None:
    begin, event = read(written(COINBASE.encode()), RecordingFormat.COINBASE)
    assert (begin.kind, begin.symbol) == ("break", "ABC-USD")
    assert (event.event_id, event.price, event.ingest_time) == (
        "replay:coinbase:ABC-USD:7",
        Decimal("10.10"),
        1_700_000_001_123_456,
    )


def test_events_may_stand_one_a_line_or_as_arrays(written: Writer) -> None:
    line = encode_events([made(1)])[1:-1]
    content = line + b"\n\n" + encode_events([made(2), made(3)]) + b"\n" + encode_events([]) + b"\n"
    events = read(written(content), RecordingFormat.EVENTS)
    assert [event.event_id for event in events] == ["venue:A:1", "venue:A:2", "venue:A:3"]
    assert {event.source for event in events} == {"replay:venue"}
    assert {str(event.price) for event in events} == {"1.10"}


def test_a_file_larger_than_a_chunk_is_read_whole_and_in_order(written: Writer) -> None:
    count = 3 * CHUNK_BYTES // 150
    content = b"\n".join(encode_events([made(number)])[1:-1] for number in range(count))
    events = read(written(content), RecordingFormat.EVENTS)
    assert [event.sequence for event in events] == list(range(count))


@pytest.mark.parametrize("kind", list(RecordingFormat))
def test_a_line_that_cannot_be_understood_is_named(written: Writer, kind: RecordingFormat) -> None:
    good = {"binance": BINANCE, "coinbase": COINBASE, "events": encode_events([made(1)]).decode() + "\n"}[
        kind
    ]
    line = good.count("\n") + 1
    with pytest.raises(RecordingError, match=f"^Line {line} of .* cannot be understood.*--format"):
        read(written(f"{good}what?\n".encode()), kind)


def test_a_cut_off_gzip_file_is_named_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(BINANCE.encode() * 100)[:-20])
    with pytest.raises(RecordingError, match="damaged or cut off"):
        read(path, RecordingFormat.BINANCE)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="absent"):
        Recording(tmp_path / "absent")


@pytest.mark.parametrize(
    ("pair", "symbol"),
    [
        ("ETHUSDT", "ETH-USDT"),
        ("BTCFDUSD", "BTC-FDUSD"),
        ("ETHBTC", "ETH-BTC"),
        ("USDT", "USDT"),
        ("XYZ", "XYZ"),
    ],
)
def test_binance_pairs_become_canonical_symbols(pair: str, symbol: str) -> None:
    assert canonical_symbol(pair) == symbol
