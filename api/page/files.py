"""The page's files in memory, under an address that changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from api.errors import ApiError

REPOSITORY = Path(__file__).resolve().parents[2]
STATIC = Path(__file__).resolve().parent / "static"
# Where ops/install.sh, and the image, install what api/page/package-lock.json names.
LIBRARY = (
    REPOSITORY
    / "var/npm-chart/node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs"
)
LIBRARY_NAME = "vendor/lightweight-charts.js"
PREFIX = "/dashboard-files"
PLACE_OF_FILES = b"{files}"
# Not asked of the machine: its MIME table may say what it likes of .js.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class PageIncompleteError(ApiError):
    """A file of the chart page is not installed."""

    title = "The chart page is not installed"


@dataclass(frozen=True)
class PageFile:
    """What is sent for one file."""

    body: bytes
    media_type: str


@dataclass(frozen=True)
class PageFiles:
    """All files by name, the page that names them, and the version that is a part of their address."""

    version: str
    page: bytes
    files: Mapping[str, PageFile]

    @classmethod
    def load(cls, static: Path = STATIC, library: Path = LIBRARY) -> Self:
        """Read them; raises PageIncompleteError where the chart library has not been installed."""
        paths = {path.name: path for path in static.iterdir() if path.suffix in MEDIA_TYPES}
        bodies = {name: path.read_bytes() for name, path in sorted(paths.items())}
        try:
            bodies[LIBRARY_NAME] = library.read_bytes()
        except OSError as error:
            raise PageIncompleteError(
                f"The chart library cannot be read from {library}: {error.strerror}. "
                f"`ops/install.sh` installs it; then restart the program api."
            ) from None
        version = _version(bodies)
        page = bodies.pop("index.html").replace(PLACE_OF_FILES, f"{PREFIX}/{version}".encode())
        files = {name: PageFile(body, MEDIA_TYPES[Path(name).suffix]) for name, body in bodies.items()}
        return cls(version, page, files)


def _version(bodies: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, body in bodies.items():
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()[:16]
