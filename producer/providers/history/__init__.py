"""The history that comes with Candlewick: real daily bars of five shares, where there is no network."""

from __future__ import annotations

from producer.providers.history.bars import SYMBOLS, HistoryBars
from producer.providers.protocol import Provider, Source

NAME = "history"

DESCRIPTION = (
    "Real daily prices of 2000 to 2013, not adjusted for splits or dividends (Quandl WIKI, public domain)"
)


def provider() -> Provider:
    """Return the bundled history: bars only."""
    return Provider(Source(NAME, "history", DESCRIPTION, SYMBOLS, calendar="XNYS"), bars=HistoryBars(NAME))
