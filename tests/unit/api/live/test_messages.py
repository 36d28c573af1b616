"""Messages as clients see them."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions import Extension
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from api.live.messages import Feed, Message, feed_message
from api.live.ticks import StreamEvent, tick_message
from producer.events import encode_events, trade

SECOND = 1_767_623_400_000_000  # 2026-01-05T14:30:00Z


def test_a_tick_has_utc_times_and_exact_decimals() -> None:
    event = StreamEvent("venue", "trade", SECOND, SECOND + 1, price=Decimal("1E-8"), size=Decimal("0.10"))
    assert msgspec.json.decode(tick_message("BTC-USD", event, 0).json) == {
        "type": "tick",
        "symbol": "BTC-USD",
        "event_time": "2026-01-05T14:30:00Z",
        "ingest_time": "2026-01-05T14:30:00.000001Z",
        "price": "0.00000001",
        "size": "0.10",
        "bid": None,
        "ask": None,
        "kind": "trade",
        "source": "venue",
    }


def test_a_message_is_encoded_once_for_all_clients() -> None:
    message = feed_message(Feed("ticks", "live", "Ticks come."))
    assert message.frame is message.frame
    assert message.event is message.event


def test_a_server_sent_event_is_named_by_its_type() -> None:
    message = feed_message(Feed("ticks", "live", "Ticks come."))
    name, data, *end = message.event.split(b"\n")
    assert name == b"event: feed"
    assert data.removeprefix(b"data: ") == message.json
    assert end == [b"", b""]


@given(st.text(max_size=70_000))
def test_a_frame_is_one_a_websocket_client_can_read(detail: str) -> None:
    message = Message(Feed("ticks", "stale", detail.encode(errors="replace").decode()), "key")
    assert parsed(message.frame) == (Opcode.TEXT, message.json)


def test_frames_one_after_another_are_read_as_messages_of_their_own() -> None:
    frame = feed_message(Feed("ticks", "live", "Ticks come.")).frame
    reader = StreamReader()
    reader.feed_data(frame + frame)
    assert read_frame(reader) == read_frame(reader)


def parsed(data: bytes) -> tuple[Opcode, bytes]:
    reader = StreamReader()
    reader.feed_data(data)
    frame = read_frame(reader)
    return frame.opcode, bytes(frame.data)


def read_frame(reader: StreamReader) -> Frame:
    extensions: list[Extension] = []
    parsing = Frame.parse(reader.read_exact, mask=False, extensions=extensions)
    try:
        while True:
            next(parsing)
    except StopIteration as end:
        frame: Frame = end.value
        return frame


def test_the_producers_events_are_read() -> None:
    body = encode_events(
        [trade("venue", "A", event_time=1, ingest_time=2, sequence=3, price=Decimal(4), size=Decimal(5))]
    )
    assert msgspec.json.decode(body, type=list[StreamEvent]) == [
        StreamEvent("venue", "trade", 1, 2, "A", 3, Decimal(4), Decimal(5))
    ]
