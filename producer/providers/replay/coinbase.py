"""A raw Coinbase Exchange session, recorded: a header, `URL <- time: sent`, and `time: received` lines.

The frames go through the translator of the live feed, so a recording gives the events that the feed
would have given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from producer.errors import ProviderError
from producer.events import MICROSECONDS_PER_SECOND, MarketEvent
from producer.providers.coinbase.frames import parse_frame
from producer.providers.coinbase.translator import CoinbaseTranslator
from producer.providers.protocol import FeedStatus
from producer.providers.replay.recording import Recording

SOURCE = "replay:coinbase"

_SESSION_LINE = re.compile(rb"wss?://\S+ <-")
_RECEIVED = re.compile(rb"(\d+(?:\.\d+)?): (\{.*)", re.DOTALL)


def coinbase_events(recording: Recording) -> Iterator[list[MarketEvent]]:
    """Yield what the live feed would have published for the received frames."""
    translator = CoinbaseTranslator(SOURCE, FeedStatus())
    for line, ingest_time, frame in received_frames(recording):
        try:
            events = translator.translate(parse_frame(frame), ingest_time)
        except ProviderError as error:
            raise recording.fault(line, error) from error
        if events:
            yield events


def received_frames(recording: Recording) -> Iterator[tuple[int, int, bytes]]:
    """Yield line number, time of receipt (microseconds, UTC) and text of each received frame."""
    for line, text in recording.lines():
        if _SESSION_LINE.match(text):
            continue
        match = _RECEIVED.fullmatch(text.rstrip(b"\r"))
        if match is None:
            raise recording.fault(line, "it is not `time: frame`")
        yield line, int(Decimal(match[1].decode()) * MICROSECONDS_PER_SECOND), match[2]
