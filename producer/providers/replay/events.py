"""Our own format: market events as JSON, one a line or an array a line, as messages carry them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import force_setattr

from producer.events import MarketEvent
from producer.providers.replay.recording import Recording

REPLAY_PREFIX = "replay:"

_decoder = msgspec.json.Decoder(MarketEvent | list[MarketEvent])


def recorded_events(recording: Recording) -> Iterator[list[MarketEvent]]:
    """Yield the events of the file, ids and times as they are; the source says that it is a replay."""
    names: dict[str, str] = {}
    for first_line, chunk in recording.chunks():
        try:
            items = _decoder.decode_lines(chunk)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _find_fault(recording, first_line, chunk) or recording.fault(first_line, error) from error
        events: list[MarketEvent] = []
        for item in items:
            if isinstance(item, MarketEvent):
                events.append(item)
            else:
                events += item
        _say_replayed(events, names)
        yield events


def _say_replayed(events: list[MarketEvent], names: dict[str, str]) -> None:
    """Mark the sources of events that were just decoded and are nobody else's yet."""
    for event in events:
        source = event.source
        name = names.get(source)
        if name is None:
            name = source if source.startswith(REPLAY_PREFIX) else REPLAY_PREFIX + source
            names[source] = name
        force_setattr(event, "source", name)


def _find_fault(recording: Recording, first_line: int, chunk: bytes) -> Exception | None:
    for offset, line in enumerate(chunk.split(b"\n")):
        if line and not line.isspace():
            try:
                _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                return recording.fault(first_line + offset, error)
    return None
