"""Flink's tables follow from ours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from db.flink_ddl import create_table
from db.models import AlertEvent, Base, Candle, Gap, Indicator

OPTIONS = {"connector": "blackhole"}


def table_with(*columns: Column[object], name: str = "t") -> Table:
    return Table(name, MetaData(), *columns)


def test_a_table_is_written_out_whole() -> None:
    assert (
        create_table(Indicator, {"connector": "jdbc", "table-name": "indicators"})
        == """\
CREATE TABLE `indicators` (
  `symbol` STRING NOT NULL,
  `interval` STRING NOT NULL,
  `bucket_start` TIMESTAMP_LTZ(6) NOT NULL,
  `name` STRING NOT NULL,
  `value` DOUBLE,
  `revision` BIGINT NOT NULL,
  `updated_at` TIMESTAMP_LTZ(6) NOT NULL,
  PRIMARY KEY (`symbol`, `interval`, `bucket_start`, `name`) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'table-name' = 'indicators'
)"""
    )


@pytest.mark.parametrize(
    ("ours", "flinks"),
    [
        (Numeric(38, 18), "DECIMAL(38, 18)"),
        (Numeric(10, 0), "DECIMAL(10, 0)"),
        (DateTime(timezone=True), "TIMESTAMP_LTZ(6)"),
        (Date(), "DATE"),
        (Text(), "STRING"),
        (JSONB(), "STRING"),
        (Double(), "DOUBLE"),
        (BigInteger(), "BIGINT"),
        (Integer(), "INT"),
        (Boolean(), "BOOLEAN"),
    ],
)
def test_a_type_has_its_counterpart(ours: TypeEngine[object], flinks: str) -> None:
    assert f"`c` {flinks}\n" in create_table(table_with(Column("c", ours)), OPTIONS)


@pytest.mark.parametrize("ours", [Numeric(), DateTime(), LargeBinary()])
def test_a_type_without_a_counterpart_is_refused_by_name(ours: TypeEngine[object]) -> None:
    with pytest.raises(TypeError, match=r"t\.c is a .* leave the column out"):
        create_table(table_with(Column("c", ours)), OPTIONS)


def test_a_column_without_a_counterpart_can_be_left_out() -> None:
    table = table_with(Column("a", Text()), Column("b", LargeBinary()))
    assert "`b`" not in create_table(table, OPTIONS, ["a"])


@pytest.mark.parametrize("mapper", Base.registry.mappers, ids=lambda mapper: mapper.class_.__name__)
def test_every_model_has_a_flink_table(mapper: object) -> None:
    model = mapper.class_  # type: ignore[attr-defined]
    assert create_table(model, OPTIONS) == create_table(model.__table__, OPTIONS)


def test_chosen_columns_come_in_the_order_chosen() -> None:
    statement = create_table(Candle, OPTIONS, ["bucket_start", "close", "symbol", "interval"])
    assert re.findall(r"^  `(\w+)`", statement, re.MULTILINE) == [
        "bucket_start",
        "close",
        "symbol",
        "interval",
    ]


def test_the_key_keeps_its_own_order() -> None:
    statement = create_table(Candle, OPTIONS, ["bucket_start", "interval", "symbol"])
    assert "PRIMARY KEY (`symbol`, `interval`, `bucket_start`) NOT ENFORCED" in statement


def test_rows_whose_key_the_database_gives_out_have_no_key_in_flink() -> None:
    assert "PRIMARY KEY" not in create_table(Gap, OPTIONS, ["symbol", "source", "reason", "started_at"])


def test_a_part_of_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="incomplete: choose event_time, rule_id as well"):
        create_table(AlertEvent, OPTIONS, ["symbol", "message"])


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(ValueError, match="Table candles has no column colse"):
        create_table(Candle, OPTIONS, ["symbol", "colse"])


def test_a_column_chosen_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="chosen twice"):
        create_table(Candle, OPTIONS, ["symbol", "symbol"])


def test_no_columns_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="No columns were chosen"):
        create_table(Candle, OPTIONS, [])


def test_options_must_name_the_connector() -> None:
    with pytest.raises(ValueError, match="name no 'connector'"):
        create_table(Candle, {"url": "x"})


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_an_option_cannot_break_out_of_its_quotes(options: dict[str, str]) -> None:
    statement = create_table(Candle, {**options, "connector": "blackhole"})
    body = statement.partition(") WITH (\n  ")[2].removesuffix("\n)")
    # Literals, in which a quote is doubled, and nothing between them but what separates them.
    literals = re.findall(r"'((?:[^']|'')*)'", body)
    assert set(re.sub(r"'(?:[^']|'')*'", "", body)) <= set(" =,\n")
    plain = [literal.replace("''", "'") for literal in literals]
    assert dict(zip(plain[::2], plain[1::2], strict=True)) == {**options, "connector": "blackhole"}


@given(st.text(min_size=1))
def test_a_name_cannot_break_out_of_its_backticks(name: str) -> None:
    statement = create_table(table_with(Column(name, Text()), name=name), OPTIONS)
    quoted = name.replace("`", "``")
    assert statement.startswith(f"CREATE TABLE `{quoted}` (\n  `{quoted}` STRING\n) WITH (")
