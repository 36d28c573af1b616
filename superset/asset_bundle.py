"""The assets of this folder as the mapping from path to text that Superset's importer takes."""

import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DEFAULTS = {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": "5432", "POSTGRES_DB": "market"}


class AssetError(Exception):
    """An asset cannot be read or completed; the message names the file and the way out."""


def read_assets(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """All YAML files below `root`, complete.

    `${NAME}` in a database file is replaced from the environment. The `queries` of a chart become its
    `query_context`, which Superset needs to answer for the chart without a browser.
    """
    contents = {}
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if name.startswith("databases/"):
            text = _substitute(name, text, {**DEFAULTS, **environment})
        elif name.startswith("charts/"):
            text = _with_query_context(name, text)
        contents[name] = text
    if "metadata.yaml" not in contents:
        raise AssetError(f"no metadata.yaml in {root}: the folder of assets is incomplete; restore it.")
    return contents


def _substitute(name: str, text: str, environment: Mapping[str, str]) -> str:
    try:
        return string.Template(text).substitute(environment)
    except (KeyError, ValueError) as error:
        raise AssetError(f"{name} names the variable {error}, which is not in the environment.") from error


def _with_query_context(name: str, text: str) -> str:
    try:
        chart: dict[str, Any] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AssetError(f"{name} is not valid YAML: {error}") from error
    chart["query_context"] = json.dumps(
        {
            "datasource": {"id": 0, "type": "table"},  # the importer writes the real number
            "force": False,
            "form_data": chart["params"],
            "queries": chart.pop("queries"),
            "result_format": "json",
            "result_type": "full",
        }
    )
    return yaml.safe_dump(chart, sort_keys=False, allow_unicode=True)
