from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from producer.dead_letters.actions import OpenedLetter
from producer.dead_letters.letter import DeadLetter
from producer.dead_letters.presentation import (
    as_json,
    body_text,
    hexdump,
    opened_as_json,
    opened_as_text,
    printable,
    size,
    table,
)

HEADERS: dict[str, object] = {
    "x-reason": "price is [red]-1[/red]",
    "x-source-queue": "market.events.2",
    "x-source-offset": 41,
    "x-event-index": 0,
    "x-rejected-at": 1_723_161_600_000_000,
    "x-original-message-id": "batch-1",
}


def opened(body: bytes, headers: dict[str, object] | None = None) -> OpenedLetter:
    used = HEADERS if headers is None else headers
    return OpenedLetter(DeadLetter.read(1, used, body), used, body)


def rendered(*letters: DeadLetter, width: int = 200) -> str:
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(table(letters))
    return console.export_text()


def cells(text: str) -> list[str]:
    return re.split(r"\s{2,}", text.rstrip().splitlines()[-1].strip())


def test_a_row_tells_when_where_what_and_why() -> None:
    letter = opened(b'{"symbol":"BTC-USD"}').letter
    assert cells(rendered(letter)) == [
        "1",
        "2024-08-09 00:00:00",
        "market.events.2 @ 41",
        "0",
        "BTC-USD",
        "price is [red]-1[/red]",
        "20 B",
    ]


def test_what_is_unknown_is_a_dash_in_the_table() -> None:
    assert cells(rendered(DeadLetter.read(1, {}, b""))) == ["1", "-", "- @ -", "-", "-", "-", "0 B"]


def test_a_narrow_terminal_loses_nothing() -> None:
    letter = opened(b'{"symbol":"BTC-USD"}').letter
    assert "…" not in rendered(letter, width=80)


def test_a_terminal_is_never_sent_control_sequences_of_strangers() -> None:
    assert printable("a\x1b]0;owned\x07b\n\x9bé") == "a\\x1b]0;owned\\x07b\\n\\x9bé"
    assert "\x1b" not in opened_as_text(opened(b'"\x7f"', {"x-reason": "\x1b[2J"}))


@pytest.mark.parametrize(
    ("length", "text"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (50_000_000, "50.0 MB")]
)
def test_a_size_has_a_fitting_unit(length: int, text: str) -> None:
    assert size(length) == text


def test_json_is_indented_and_keeps_every_digit() -> None:
    price = "0.123456789012345678901234567890"
    assert body_text(f'{{"price":{price}}}'.encode()) == f'{{\n  "price": {price}\n}}'


@pytest.mark.parametrize("body", [b'{"symbol": ', b"{'price': 1}", b"\xff\xfe", b'"\xff"', b"[" * 100_000])
def test_anything_but_json_is_dumped(body: bytes) -> None:
    assert body_text(body).startswith("00000000  " + body[:1].hex())


def test_a_dump_shows_offset_bytes_and_characters() -> None:
    assert hexdump(b"0123456789abcdef\x00\xffz").splitlines() == [
        "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "00000010  00 ff 7a                                         ..z",
    ]


def test_a_long_body_is_cut_and_says_so() -> None:
    assert body_text(b"x" * 1_000).endswith("488 bytes more: --json shows all")
    assert body_text(b"[" + b"1," * 50_000 + b"1]").endswith("characters more: --json shows all")


def test_an_empty_body_says_so() -> None:
    assert body_text(b"") == "(empty)"


def test_a_whole_message_says_so() -> None:
    headers = {name: value for name, value in HEADERS.items() if name != "x-event-index"}
    assert "the whole message" in opened_as_text(opened(b"[", headers))


def test_a_truncated_body_says_so() -> None:
    assert "2 bytes, the beginning of 50000000" in opened_as_text(
        opened(b"[{", {"x-truncated-from": 50_000_000})
    )


def test_the_json_line_of_a_letter_is_complete() -> None:
    letter = opened(b'{"symbol":"BTC-USD"}').letter
    assert as_json(letter) == {
        "number": 1,
        "id": letter.letter_id,
        "rejected_at": "2024-08-09T00:00:00+00:00",
        "source_queue": "market.events.2",
        "source_offset": 41,
        "event_index": 0,
        "symbol": "BTC-USD",
        "reason": "price is [red]-1[/red]",
        "size": 20,
        "truncated_from": None,
        "message_id": None,
        "original_message_id": "batch-1",
    }


def test_json_carries_a_text_body_as_it_is_and_others_in_base64() -> None:
    assert opened_as_json(opened(b'{"a": 1.10}'))["body"] == '{"a": 1.10}'
    assert opened_as_json(opened(b"\xff"))["body_base64"] == "/w=="


def test_headers_of_any_type_survive_into_json() -> None:
    headers: dict[str, object] = {
        "x-death": [{"count": 1, "reason": b"\xffno"}],
        "x-float": 1.5,
        "x-none": None,
    }
    assert json.loads(json.dumps(opened_as_json(opened(b"", headers))))["headers"] == {
        "x-death": [{"count": 1, "reason": "\\xffno"}],
        "x-float": 1.5,
        "x-none": None,
    }
