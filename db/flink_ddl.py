"""Flink SQL for our tables, generated from the models, so that the schema is written down once."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from db.models import Base


def create_table(
    model: type[Base] | Table, connector_options: Mapping[str, str], columns: Sequence[str] | None = None
) -> str:
    """The `CREATE TABLE` with which Flink reads or writes a table of ours.

    The primary key is declared when all its columns are there, and left out when none is (rows whose key the
    database gives out).

    Args:
        model: a model or its table.
        connector_options: what comes after `WITH`, as plain text; quoted here.
        columns: the columns to use, in this order; by default all.

    Raises:
        ValueError: no options, an unknown column, a column named twice, or a part of the key is missing.
        TypeError: a column's type has no counterpart in Flink.
    """
    table = _table(model)
    if "connector" not in connector_options:
        raise ValueError(
            f"The options for table {table.name} name no 'connector': Flink needs to know which."
        )
    chosen = _chosen(table, columns)
    lines = [_declaration(column) for column in chosen]
    if key := _key(table, chosen):
        lines.append(f"PRIMARY KEY ({', '.join(_identifier(name) for name in key)}) NOT ENFORCED")
    options = [f"{_literal(name)} = {_literal(value)}" for name, value in connector_options.items()]
    return f"CREATE TABLE {_identifier(table.name)} (\n  {_join(lines)}\n) WITH (\n  {_join(options)}\n)"


def _table(model: type[Base] | Table) -> Table:
    table = model if isinstance(model, Table) else model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model} is not mapped to a table.")
    return table


def _chosen(table: Table, names: Sequence[str] | None) -> list[Column[object]]:
    if names is None:
        return list(table.columns)
    if not names:
        raise ValueError(f"No columns were chosen for table {table.name}: leave the argument out for all.")
    if unknown := [name for name in names if name not in table.columns]:
        raise ValueError(f"Table {table.name} has no column {', '.join(unknown)}.")
    if len(set(names)) < len(names):
        raise ValueError(f"A column of table {table.name} was chosen twice: {', '.join(names)}.")
    return [table.columns[name] for name in names]


def _key(table: Table, chosen: Sequence[Column[object]]) -> list[str]:
    key = [column.name for column in table.primary_key.columns]
    missing = sorted(set(key) - {column.name for column in chosen})
    if not missing:
        return key
    if len(missing) < len(key):
        raise ValueError(f"The key of table {table.name} is incomplete: choose {', '.join(missing)} as well.")
    return []


def _declaration(column: Column[object]) -> str:
    null = "" if column.nullable else " NOT NULL"
    return f"{_identifier(column.name)} {_flink_type(column)}{null}"


def _flink_type(column: Column[object]) -> str:
    match column.type:
        case Double():
            return "DOUBLE"
        case Numeric(precision=int(precision), scale=int(scale)):
            return f"DECIMAL({precision}, {scale})"
        case DateTime(timezone=True):
            return "TIMESTAMP_LTZ(6)"
        case BigInteger():
            return "BIGINT"
        case Integer():
            return "INT"
        case Boolean():
            return "BOOLEAN"
        case Date():
            return "DATE"
        case Text() | JSONB():
            return "STRING"
        case other:
            raise TypeError(
                f"{column} is a {other!r}, which has no counterpart in Flink: leave the column out."
            )


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _join(lines: Sequence[str]) -> str:
    return ",\n  ".join(lines)
