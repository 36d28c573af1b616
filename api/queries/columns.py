"""Columns as answers show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func
from sqlalchemy.orm import InstrumentedAttribute

Query = Select[*tuple[Any, ...]]


def exact(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """A decimal as its shortest exact digits: faster than a Decimal made only to be written again."""
    return cast(func.trim_scale(column), Text)
