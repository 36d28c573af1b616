"""Indicators, as they are answered."""

from __future__ import annotations

from datetime import datetime

import msgspec

from api.shapes.record import Page, Record


class IndicatorValue(Record):
    """A value of an indicator; null while it warms up, and where it is undefined."""

    bucket_start: datetime
    name: str
    value: float | None


class Point(msgspec.Struct, gc=False):
    """A value of a series; null while it warms up, and where it is undefined."""

    bucket_start: datetime
    value: float | None


class Series(msgspec.Struct):
    """The values of one name; `unit` says what they are measured in."""

    name: str
    unit: str
    description: str
    values: list[Point]


class Indicators(Page):
    """Indicators of a symbol. In CSV and Arrow a row is a value, with its name."""

    symbol: str
    interval: str
    source_kind: str
    indicators: list[Series]


class IndicatorName(Record):
    """An indicator that is stored for every symbol and stored interval."""

    name: str
    unit: str
    description: str
    warm_up: int


class IndicatorType(Record):
    """An indicator that is computed on request, and the parameters that it takes, with their defaults."""

    type: str
    parameters: dict[str, float]


class Catalogue(Page):
    """What is stored, and what is computed on request; in CSV and Arrow what is stored alone."""

    stored: list[IndicatorName]
    computed: list[IndicatorType]
