"""Rows as an Arrow stream: decimals as decimal128(38, 18), times as timestamp[us, UTC]."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import inspect

from api.shapes.record import DIGITS, Record

DECIMAL = pa.decimal128(38, 18)
TYPES: dict[type[inspect.Type], pa.DataType] = {
    inspect.StrType: pa.string(),
    inspect.IntType: pa.int64(),
    inspect.FloatType: pa.float64(),
    inspect.BoolType: pa.bool_(),
    inspect.DateType: pa.date32(),
    inspect.DateTimeType: pa.timestamp("us", tz="UTC"),
}


def stream(kind: type[Record], rows: Sequence[Record]) -> bytes:
    """Return rows as one record batch in Arrow's streaming format."""
    schema = _schema(kind)
    columns = [_column([getattr(row, field.name) for row in rows], field.type) for field in schema]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    if kind == DECIMAL:
        return pa.array(values, pa.string()).cast(DECIMAL)
    if kind == pa.string():
        return pa.array([_text(value) for value in values], kind)
    return pa.array(values, kind)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


@lru_cache
def _schema(kind: type[Record]) -> pa.Schema:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)  # noqa: S101 -- what a Record is
    return pa.schema([(field.name, _arrow_type(field.type)) for field in described.fields])


def _arrow_type(described: inspect.Type) -> pa.DataType:
    if isinstance(described, inspect.UnionType):
        (described,) = (one for one in described.types if not isinstance(one, inspect.NoneType))
    if isinstance(described, inspect.Metadata):
        described = described.type
    if isinstance(described, inspect.StrType) and described.pattern == DIGITS:
        return DECIMAL
    return TYPES.get(type(described), pa.string())
