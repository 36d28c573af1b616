"""Partitions are known by their names."""

from datetime import date

import pytest

from db.partitions import partition_day


def test_a_partition_names_its_day() -> None:
    assert partition_day("snapshots_20200229") == date(2020, 2, 29)


@pytest.mark.parametrize(
    "table",
    ["snapshots", "candles", "snapshots_20200230", "snapshots_2020022", "snapshots_20200229x", "x_20200229"],
)
def test_other_tables_are_no_partitions(table: str) -> None:
    assert partition_day(table) is None
