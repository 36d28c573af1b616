"""Symbols and sources, as they are answered."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.shapes.record import Page, Record


class Asset(Record):
    """A symbol that is or was followed, and how real what its source tells is (`source_kind`)."""

    symbol: str
    name: str | None
    asset_class: str
    source: str
    source_kind: str
    calendar: str
    created_at: datetime
    deleted_at: datetime | None


class Assets(Page):
    """Symbols in the order of the alphabet."""

    assets: list[Asset]


class Source(Record):
    """A provider of market data."""

    name: str
    kind: str
    description: str
    created_at: datetime


class Sources(Page):
    """All providers that data came from."""

    sources: list[Source]


class Health(msgspec.Struct):
    """Whether the read API can answer; 503 with a problem where it cannot."""

    status: str
    database: str
