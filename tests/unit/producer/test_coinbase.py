"""Coinbase's frames become market events, and missing trades become breaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from producer.errors import ProviderError
from producer.events import MarketEvent, to_micros
from producer.providers.coinbase.frames import parse_frame
from producer.providers.coinbase.translator import CoinbaseTranslator
from producer.providers.protocol import FeedStatus

START = datetime(2025, 3, 4, 12, 30, 20, tzinfo=UTC)


class Session:
    """A translator that is told frames by the second since the start."""

    def __init__(self) -> None:
        self.status = FeedStatus()
        self.translator = CoinbaseTranslator("coinbase", self.status)

    def receive(self, kind: str, second: float, **fields: object) -> list[MarketEvent]:
        time = (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")
        frame = {"type": kind, "product_id": "ABC-USD", "time": time, "unheard_of": [1, {}], **fields}
        return self.translator.translate(parse_frame(msgspec.json.encode(frame)), ingest_time=99)

    def match(self, second: float, trade_id: int, kind: str = "match") -> list[MarketEvent]:
        return self.receive(kind, second, trade_id=trade_id, price="10.2500", size="0.00000012", side="sell")

    def heartbeat(self, second: float, last_trade_id: int) -> list[MarketEvent]:
        return self.receive("heartbeat", second, last_trade_id=last_trade_id, sequence=1)


def at(second: float) -> int:
    return to_micros(START + timedelta(seconds=second))


def kinds(events: list[MarketEvent]) -> list[str]:
    return [event.kind for event in events]


def test_a_match_becomes_a_trade_with_the_digits_and_the_time_of_the_venue() -> None:
    *_, event = Session().match(0.244075, 881613)
    assert event.event_id == "coinbase:ABC-USD:881613"
    assert (event.kind, event.sequence, event.event_time, event.ingest_time) == (
        "trade",
        881613,
        at(0.244075),
        99,
    )
    assert (str(event.price), event.size) == ("10.2500", Decimal("0.00000012"))
    assert event.trading_day == "2025-03-04"


def test_the_first_event_of_a_product_is_the_break_of_its_beginning() -> None:
    session = Session()
    first, _ = session.match(5, 1)
    assert (first.kind, first.event_time) == ("break", at(-20) - 1)
    assert kinds(session.match(6, 2)) == ["trade"]


def test_the_last_match_before_the_subscription_is_not_a_trade_of_ours() -> None:
    session = Session()
    assert session.match(-900, 7, "last_match") == []
    assert kinds(session.match(1, 8)) == ["break", "trade"]
    assert session.status.gaps == 0


def test_a_trade_missed_between_last_match_and_the_first_match_is_a_gap() -> None:
    session = Session()
    session.match(-900, 7, "last_match")
    assert kinds(session.match(1, 9)) == ["break", "break", "trade"]
    assert session.status.gaps == 1


def test_a_repeated_trade_is_published_once() -> None:
    session = Session()
    session.match(1, 8)
    assert session.match(1, 8) == []


def test_missing_trade_ids_break_the_feed_at_the_last_trade_before_them() -> None:
    session = Session()
    session.match(1, 8)
    missing, event = session.match(90, 11)
    assert (missing.kind, missing.event_time) == ("break", at(1))
    assert event.sequence == 11
    assert session.status.gaps == 1


def test_a_ticker_publishes_nothing_and_shows_bid_and_ask() -> None:
    session = Session()
    session.match(1, 8)
    assert session.receive("ticker", 2, trade_id=9, price="1", best_bid="10.24", best_ask="10.26") == []
    assert session.status.quotes["ABC-USD"].bid == Decimal("10.24")


def test_a_heartbeat_carries_the_time_of_the_venue_once_a_second() -> None:
    session = Session()
    events = session.heartbeat(1, 8)
    assert kinds(events) == ["break", "heartbeat"]
    assert (events[-1].symbol, events[-1].event_time) == (None, at(1))
    assert session.heartbeat(1.2, 8) == []
    assert kinds(session.heartbeat(2, 8)) == ["heartbeat"]


def test_a_trade_that_a_heartbeat_announced_and_that_never_came_is_a_gap_told_once() -> None:
    session = Session()
    session.match(1, 8)
    assert kinds(session.heartbeat(2, 9)) == ["heartbeat"]
    missing, _ = session.heartbeat(3, 9)
    assert (missing.kind, missing.event_time) == ("break", at(1))
    assert kinds(session.heartbeat(4, 9)) == ["heartbeat"]
    assert kinds(session.match(5, 10)) == ["trade"]
    assert session.status.gaps == 1


def test_a_trade_that_comes_behind_its_announcement_is_no_gap() -> None:
    session = Session()
    session.match(1, 8)
    session.receive("ticker", 2, trade_id=9)
    session.heartbeat(2.1, 9)
    assert kinds(session.match(2.2, 9)) == ["trade"]
    assert kinds(session.heartbeat(3.1, 9)) == ["heartbeat"]
    assert session.status.gaps == 0


def test_a_lost_connection_breaks_each_product_once_at_the_last_time_it_showed() -> None:
    session = Session()
    assert session.translator.disconnected(99) == []
    session.match(1, 8)
    session.heartbeat(7, 8)
    (broken,) = session.translator.disconnected(99)
    assert (broken.kind, broken.symbol, broken.event_time) == ("break", "ABC-USD", at(7))
    assert session.translator.disconnected(99) == []


def test_the_last_match_after_a_reconnect_is_a_trade_when_it_is_new() -> None:
    session = Session()
    session.match(1, 8)
    assert session.match(1, 8, "last_match") == []
    assert kinds(session.match(4, 9, "last_match")) == ["trade"]


@pytest.mark.parametrize("kind", ["subscriptions", "l2update", "snapshot", "status"])
def test_frames_of_other_channels_are_passed_over(kind: str) -> None:
    assert Session().receive(kind, 1, changes=[["buy", "1", "2"]]) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":"match","price":"a lot"}', b"\xff"])
def test_a_malformed_frame_is_an_error_that_quotes_it(text: str | bytes) -> None:
    with pytest.raises(ProviderError, match="cannot be understood"):
        parse_frame(text)
