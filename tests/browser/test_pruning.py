"""Provisioning deletes what it made once and no longer makes, and nothing that a user made."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import services
from tests.browser.provisioning import environment, provision
from tests.browser.superset_api import SupersetApi
from tests.stack import RunningStack

CHART, USED_CHART, DATASET, DASHBOARD = (f"00000000-0000-5000-8000-00000000000{n}" for n in range(4))
OURS = {"Of yesterday", "Of yesterday, in use", "Board of yesterday", "yesterday"}
USERS = {"A user's chart", "A user's board"}


@dataclass(frozen=True)
class Pruned:
    """What there is before and after a run that no longer knows some assets."""

    outcome: subprocess.CompletedProcess[str]
    before: set[str]
    after: set[str]


@pytest.fixture(scope="module")
def pruned(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pruned]:
    """A user has put a provisioned chart on a board, and made a chart over a provisioned dataset."""
    earlier = with_more_assets(tmp_path_factory.mktemp("earlier") / "superset")
    outcome = provision(environment(stack), earlier)
    assert outcome.returncode == 0, outcome.stdout
    with SupersetApi(stack.superset_url, stack.env["SUPERSET_ADMIN_PASSWORD"]) as superset:
        board = superset.create("dashboard", dashboard_title="A user's board")
        superset.place_chart(superset.named("chart")["Of yesterday, in use"], board)
        market = superset.named("dataset")["market_candles"]
        of_a_user = superset.create(
            "chart",
            slice_name="A user's chart",
            viz_type="table",
            datasource_id=market,
            datasource_type="table",
        )
        before = names(superset)
        outcome = provision(environment(stack))
        yield Pruned(outcome, before, names(superset))
        superset.delete("dashboard", board)
        superset.delete("chart", of_a_user)
        superset.delete("chart", superset.named("chart")["Of yesterday, in use"])
        superset.delete("dataset", superset.named("dataset")["yesterday"])


def test_what_is_no_longer_provisioned_is_deleted(pruned: Pruned) -> None:
    assert pruned.outcome.returncode == 0, pruned.outcome.stdout
    assert pruned.before >= OURS
    assert pruned.before - pruned.after == {"Of yesterday", "Board of yesterday"}
    assert "dashboards: Board of yesterday: no longer provisioned, deleted" in pruned.outcome.stdout


def test_what_a_user_made_stays(pruned: Pruned) -> None:
    assert pruned.after >= USERS


def test_what_a_user_still_uses_stays_and_is_said(pruned: Pruned) -> None:
    assert pruned.after >= {"Of yesterday, in use", "yesterday"}
    assert (
        "charts: Of yesterday, in use: no longer provisioned, but kept for A user's board"
        in pruned.outcome.stdout
    )


def with_more_assets(folder: Path) -> Path:
    """The folder of an earlier version, which had a dashboard, two charts and a dataset more."""
    shutil.copytree(services.SUPERSET, folder)
    assets = folder / "assets"
    dataset = variant(
        assets / "datasets/market/candle_intervals.yaml", "yesterday", table_name="yesterday", uuid=DATASET
    )
    chart = {"dataset_uuid": DATASET, "params": {"viz_type": "table"}, "queries": []}
    variant(assets / "charts/close.yaml", "unused", slice_name="Of yesterday", uuid=CHART, **chart)
    variant(assets / "charts/close.yaml", "used", slice_name="Of yesterday, in use", uuid=USED_CHART, **chart)
    place = {
        "id": "CHART",
        "type": "CHART",
        "children": [],
        "meta": {"chartId": 1, "uuid": CHART, "width": 4, "height": 4},
    }
    variant(
        assets / "dashboards/market.yaml",
        "yesterday",
        dashboard_title="Board of yesterday",
        slug="yesterday",
        uuid=DASHBOARD,
        metadata={},
        position={"DASHBOARD_VERSION_KEY": "v2", "CHART": place},
    )
    assert dataset.exists()
    return folder


def variant(asset: Path, name: str, **changes: Any) -> Path:
    """Write another asset beside one, with other contents."""
    file = asset.with_stem(name)
    file.write_text(yaml.safe_dump(yaml.safe_load(asset.read_text()) | changes))
    return file


def names(superset: SupersetApi) -> set[str]:
    return {name for kind in ("dashboard", "chart", "dataset") for name in superset.named(kind)}
