"""Removes what earlier provisioning made and the folder of assets no longer holds.

The table `candlewick_assets` in Superset's own database remembers what provisioning has made, so that what a
user makes is never taken for it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import yaml

if TYPE_CHECKING:
    from superset.commands.base import BaseCommand


@dataclass(frozen=True)
class Kind:
    """A folder of assets: the column with their names, who still uses one, and how one is deleted."""

    folder: str
    model: type[Any]
    name: str
    used_by: Callable[[Any], list[str]]
    deletion: Callable[[int], "BaseCommand"]


def prune(contents: Mapping[str, str]) -> Iterator[str]:
    """Delete what provisioning made once and `contents` lacks, and yield a sentence about each.

    What something else still uses stays until nothing does: a chart on a user's dashboard, a dataset under a
    chart.
    """
    from superset.utils.core import override_user

    from superset import db, security_manager

    present = {
        (path.split("/", 1)[0], yaml.safe_load(text)["uuid"])
        for path, text in contents.items()
        if "/" in path
    }
    gone = _remembered() - present
    kept = set()
    with override_user(security_manager.find_user(username="admin")):
        for kind in _kinds():
            for folder, uuid in sorted(row for row in gone if row[0] == kind.folder):
                asset = db.session.query(kind.model).filter_by(uuid=UUID(uuid)).one_or_none()
                if asset is None:
                    continue
                name = f"{folder}: {getattr(asset, kind.name)}"
                if obstacle := _delete(kind, asset):
                    kept.add((folder, uuid))
                    yield f"{name}: no longer provisioned, but kept for {obstacle}"
                else:
                    yield f"{name}: no longer provisioned, deleted"
    _remember(present | kept)


def _delete(kind: Kind, asset: Any) -> str:
    """Delete an asset; what stands against it is returned instead."""
    from superset.commands.exceptions import CommandException

    if users := kind.used_by(asset):
        return ", ".join(users)
    try:
        kind.deletion(asset.id).run()
    except CommandException as error:  # such as: a report is made of it
        return str(error)
    return ""


def _kinds() -> list[Kind]:
    """Those that use others come before those that are used."""
    from superset.commands.chart.delete import DeleteChartCommand
    from superset.commands.dashboard.delete import DeleteDashboardCommand
    from superset.commands.database.delete import DeleteDatabaseCommand
    from superset.commands.dataset.delete import DeleteDatasetCommand
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    from superset import db

    def boards_with(chart: Any) -> list[str]:
        return [dashboard.dashboard_title for dashboard in chart.dashboards]

    def charts_over(dataset: Any) -> list[str]:
        charts = db.session.query(Slice).filter_by(datasource_type="table", datasource_id=dataset.id)
        return [chart.slice_name for chart in charts]

    def datasets_in(database: Any) -> list[str]:
        return [dataset.table_name for dataset in database.tables]

    return [
        Kind("dashboards", Dashboard, "dashboard_title", lambda _: [], lambda n: DeleteDashboardCommand([n])),
        Kind("charts", Slice, "slice_name", boards_with, lambda n: DeleteChartCommand([n])),
        Kind("datasets", SqlaTable, "table_name", charts_over, lambda n: DeleteDatasetCommand([n])),
        Kind("databases", Database, "database_name", datasets_in, DeleteDatabaseCommand),
    ]


def _table() -> Any:
    from sqlalchemy import Column, MetaData, String, Table

    columns = (Column("folder", String, primary_key=True), Column("uuid", String, primary_key=True))
    return Table("candlewick_assets", MetaData(), *columns)


def _remembered() -> set[tuple[str, str]]:
    from superset import db

    table = _table()
    table.create(db.session.connection(), checkfirst=True)
    return {(row.folder, row.uuid) for row in db.session.execute(table.select())}


def _remember(assets: set[tuple[str, str]]) -> None:
    from superset import db

    table = _table()
    db.session.execute(table.delete())
    db.session.execute(table.insert(), [{"folder": folder, "uuid": uuid} for folder, uuid in sorted(assets)])
    db.session.commit()
