"""How dead letters look on a terminal and in JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from producer.dead_letters.actions import OpenedLetter
from producer.dead_letters.letter import DeadLetter

UNKNOWN = "-"
SHOWN_BODY_CHARACTERS = 20_000
DUMPED_BYTES = 512
_BYTES_PER_LINE = 16


def table(letters: Iterable[DeadLetter]) -> Table:
    """Return the letters as a table, a row each; times are UTC."""
    grid = Table(box=SIMPLE_HEAD)
    for name in ("#", "Rejected (UTC)", "From", "Event", "Symbol", "Reason", "Size"):
        justify: Literal["left", "right"] = "right" if name in {"#", "Event", "Size"} else "left"
        grid.add_column(name, justify=justify, overflow="fold", no_wrap=name in {"#", "Size"})
    for letter in letters:
        cells = (
            str(letter.number),
            _moment(letter.rejected_at),
            place(letter),
            UNKNOWN if letter.event_index is None else str(letter.event_index),
            letter.symbol or UNKNOWN,
            letter.reason or UNKNOWN,
            size(letter.size),
        )
        # Text, because in a plain string rich would take "[...]" for markup.
        grid.add_row(*(Text(printable(cell)) for cell in cells))
    return grid


def place(letter: DeadLetter) -> str:
    """Return where the letter was read: its queue and offset."""
    offset = UNKNOWN if letter.source_offset is None else str(letter.source_offset)
    return f"{letter.source_queue or UNKNOWN} @ {offset}"


def size(length: int) -> str:
    """Return a number of bytes in the unit that suits it; 1 kB is 1000 bytes."""
    for unit, divisor in (("MB", 1_000_000), ("kB", 1_000)):
        if length >= divisor:
            return f"{length / divisor:.1f} {unit}"
    return f"{length} B"


def printable(text: str) -> str:
    """Escape what a terminal would obey instead of show: the text comes from strangers."""
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def as_json(letter: DeadLetter) -> dict[str, object]:
    """Return the letter as JSON values; ``rejected_at`` is ISO 8601 in UTC."""
    return {
        "number": letter.number,
        "id": letter.letter_id,
        "rejected_at": None if letter.rejected_at is None else letter.rejected_at.isoformat(),
        "source_queue": letter.source_queue,
        "source_offset": letter.source_offset,
        "event_index": letter.event_index,
        "symbol": letter.symbol,
        "reason": letter.reason,
        "size": letter.size,
        "truncated_from": letter.truncated_from,
        "message_id": letter.message_id,
        "original_message_id": letter.original_message_id,
    }


def opened_as_json(opened: OpenedLetter) -> dict[str, object]:
    """Return a letter with headers and body: ``body`` where it is text, else ``body_base64``."""
    described = as_json(opened.letter)
    described["headers"] = {name: _plain(value) for name, value in opened.headers.items()}
    try:
        described["body"] = opened.body.decode()
    except UnicodeDecodeError:
        described["body_base64"] = base64.b64encode(opened.body).decode()
    return described


def opened_as_text(opened: OpenedLetter) -> str:
    """Return a letter with headers and body for a terminal: JSON indented, anything else dumped."""
    letter = opened.letter
    facts = {
        "Dead letter": f"{letter.number}  {letter.letter_id}",
        "Reason": letter.reason or UNKNOWN,
        "Rejected": f"{_moment(letter.rejected_at)} UTC",
        "From": place(letter),
        "Event": "the whole message" if letter.event_index is None else f"index {letter.event_index}",
        "Symbol": letter.symbol or UNKNOWN,
        "Message id": letter.message_id or UNKNOWN,
        "Size": f"{letter.size} bytes" + _truncation(letter),
    }
    lines = [f"{name + ':':<13}{printable(value)}" for name, value in facts.items()]
    lines += ["Headers:"]
    lines += [
        f"  {printable(name)}: {printable(str(_plain(value)))}"
        for name, value in sorted(opened.headers.items())
    ]
    return "\n".join([*lines, "Body:", body_text(opened.body)])


def body_text(body: bytes) -> str:
    """Return JSON indented, digit for digit as it is, and the beginning of anything else as a dump."""
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return hexdump(body[:DUMPED_BYTES]) + _cut_note(len(body) - DUMPED_BYTES, "bytes")
    shown = "\n".join(printable(line) for line in text[:SHOWN_BODY_CHARACTERS].split("\n"))
    return shown + _cut_note(len(text) - SHOWN_BODY_CHARACTERS, "characters")


def hexdump(content: bytes) -> str:
    """Return lines of offset, sixteen bytes in hexadecimal, and the same bytes as ASCII."""
    lines = []
    for start in range(0, len(content), _BYTES_PER_LINE):
        row = content[start : start + _BYTES_PER_LINE]
        ascii_signs = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<{3 * _BYTES_PER_LINE - 1}}  {ascii_signs}")
    return "\n".join(lines) if lines else "(empty)"


def _cut_note(left_out: int, unit: str) -> str:
    return f"\n... {left_out} {unit} more: --json shows all" if left_out > 0 else ""


def _truncation(letter: DeadLetter) -> str:
    return "" if letter.truncated_from is None else f", the beginning of {letter.truncated_from}"


def _moment(moment: datetime | None) -> str:
    return UNKNOWN if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _plain(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return value.decode(errors="backslashreplace")
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode()
