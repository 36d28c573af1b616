"""What the shell offers after TAB: names that are known without asking anybody."""

from __future__ import annotations

from producer.settings import FEED_NAMES


def feed_names(incomplete: str) -> list[str]:
    """Return the feeds whose names begin so; each is a provider, too."""
    return sorted(name for name in FEED_NAMES if name.startswith(incomplete))
