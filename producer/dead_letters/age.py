"""Ages as people write them: ``90s``, ``30m``, ``12h``, ``7d``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"(\d{1,9})([smhdw])", re.ASCII | re.IGNORECASE)


def parse_age(text: str) -> timedelta:
    """Return the age; raises ValueError with a sentence when the text is none."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no age: write a number and one of s, m, h, d, w, like 12h or 7d.")
    return timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
