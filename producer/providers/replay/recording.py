"""Reads a recorded file, plain or gzipped, in lines and in order, and knows how far it has read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from producer.errors import RecordingError

CHUNK_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


class Recording:
    """A file of lines; `bytes_read` of `bytes_total` counts what is on disk, compressed or not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.bytes_total = path.stat().st_size
        except OSError as error:
            raise RecordingError(f"The recording {str(path)!r} cannot be read: {error.strerror}.") from error
        self.bytes_read = 0

    def chunks(self) -> Iterator[tuple[int, bytes]]:
        """Yield pieces that end with whole lines, each with the number of its first line."""
        line, rest = 1, b""
        try:
            with self.path.open("rb") as disk:
                for piece in self._pieces(disk):
                    cut = piece.rfind(b"\n") + 1
                    if cut == 0:
                        rest += piece
                        continue
                    whole, rest = rest + piece[:cut], piece[cut:]
                    yield line, whole
                    line += whole.count(b"\n")
        except (EOFError, zlib.error, OSError) as error:
            raise RecordingError(
                f"The recording {str(self.path)!r} is damaged or cut off behind line {line}: {error}."
            ) from error
        if rest:
            yield line, rest

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line that is not blank with its number, counted from 1."""
        for first, chunk in self.chunks():
            for offset, text in enumerate(chunk.split(b"\n")):
                if text and not text.isspace():
                    yield first + offset, text

    def fault(self, line: int, reason: object) -> RecordingError:
        """Make the error of a line that cannot be understood."""
        return RecordingError(
            f"Line {line} of {str(self.path)!r} cannot be understood: {reason}. Is --format the right one?"
        )

    def _pieces(self, disk: IO[bytes]) -> Iterator[bytes]:
        zipped = disk.read(2) == GZIP_MAGIC
        disk.seek(0)
        content = gzip.GzipFile(fileobj=disk) if zipped else disk
        while piece := content.read(CHUNK_BYTES):
            self.bytes_read = disk.tell()
            yield piece
