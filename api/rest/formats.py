"""Which of our formats a request accepts, as RFC 9110 has it."""

from __future__ import annotations

from typing import Literal

from api.errors import NotAcceptableError

Format = Literal["application/json", "text/csv", "application/vnd.apache.arrow.stream"]

JSON: Format = "application/json"
CSV: Format = "text/csv"
ARROW: Format = "application/vnd.apache.arrow.stream"
FORMATS: tuple[Format, ...] = (JSON, CSV, ARROW)


def negotiated(accept: str | None, offered: tuple[Format, ...] = FORMATS) -> Format:
    """Return the format that an `Accept` header likes best, the first one where it likes several.

    Raises :class:`NotAcceptableError` where it allows none of them.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")]
    best = max(offered, key=lambda media: _quality(media, ranges))
    if _quality(best, ranges) <= 0:
        raise NotAcceptableError(
            f"Accept is {accept!r}, and this is available as {', '.join(offered)}: accept one of these."
        )
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (word.strip().lower() for word in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media, float(value)
            except ValueError:
                return media, 0.0
    return media, 1.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """The quality of the most specific range that the format falls into."""
    for pattern in (media, f"{media.partition('/')[0]}/*", "*/*"):
        qualities = [quality for allowed, quality in ranges if allowed == pattern]
        if qualities:
            return max(qualities)
    return 0.0
