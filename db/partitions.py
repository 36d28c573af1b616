"""The names of the daily partitions of `snapshots`, which `ensure_snapshot_partition` gives them."""

import re
from datetime import date, datetime

_NAME = re.compile(r"snapshots_(\d{8})")


def partition_day(table: str) -> date | None:
    """The UTC day whose events a table holds; None when the table is no partition of `snapshots`."""
    match = _NAME.fullmatch(table)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 -- a day has no time zone
    except ValueError:
        return None
