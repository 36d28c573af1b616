"""Superset's REST API as the tests use it, and the answers that they look at."""

import json
from types import TracebackType
from typing import Any, Self

import httpx

SECONDS = 60


class SupersetApi:
    """A session of one user; raises httpx.HTTPStatusError where Superset refuses."""

    def __init__(self, url: str, password: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=SECONDS)
        self.client.headers["Referer"] = url
        token = result_of(log_in(self.client, password))["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        csrf = result_of(self.client.get("/api/v1/security/csrf_token/"))["result"]
        self.client.headers["X-CSRFToken"] = csrf

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def charts(self, dashboard: str) -> dict[str, int]:
        """The numbers of a dashboard's charts by their names."""
        charts = result_of(self.client.get(f"/api/v1/dashboard/{dashboard}/charts"))["result"]
        return {chart["slice_name"]: chart["id"] for chart in charts}

    def dashboard_metadata(self, dashboard: str) -> dict[str, Any]:
        """How a dashboard behaves: refreshing, filters."""
        result = result_of(self.client.get(f"/api/v1/dashboard/{dashboard}"))["result"]
        metadata: dict[str, Any] = json.loads(result["json_metadata"])
        return metadata

    def rename_chart(self, number: int, name: str) -> None:
        """What somebody does by hand who edits a chart."""
        result_of(self.client.put(f"/api/v1/chart/{number}", json={"slice_name": name}))

    def named(self, kind: str) -> dict[str, int]:
        """The numbers of all objects of a kind (chart, dashboard, dataset) by their names."""
        rows = result_of(self.client.get(f"/api/v1/{kind}/", params={"q": "(page_size:100)"}))["result"]
        name = {"chart": "slice_name", "dashboard": "dashboard_title", "dataset": "table_name"}[kind]
        return {row[name]: row["id"] for row in rows}

    def create(self, kind: str, **content: Any) -> int:
        """What somebody does by hand who makes something; its number."""
        number: int = result_of(self.client.post(f"/api/v1/{kind}/", json=content))["id"]
        return number

    def place_chart(self, number: int, dashboard: int) -> None:
        """What somebody does by hand who puts a chart on a dashboard."""
        result_of(self.client.put(f"/api/v1/chart/{number}", json={"dashboards": [dashboard]}))

    def delete(self, kind: str, number: int) -> None:
        """What somebody does by hand who deletes something."""
        result_of(self.client.delete(f"/api/v1/{kind}/{number}"))

    def chart_rows(self, number: int, **query: Any) -> list[dict[str, Any]]:
        """The rows that a chart is drawn from; `query` replaces parts of its own query."""
        chart = result_of(self.client.get(f"/api/v1/chart/{number}"))["result"]
        context = json.loads(chart["query_context"])
        context["queries"] = [{**context["queries"][0], **query}]
        answer = result_of(self.client.post("/api/v1/chart/data", json={**context, "force": True}))
        rows: list[dict[str, Any]] = answer["result"][0]["data"]
        return rows

    def run_sql(self, statement: str) -> httpx.Response:
        """Superset's answer to a statement typed into SQL Lab."""
        databases = result_of(self.client.get("/api/v1/database/"))["result"]
        (market,) = (row["id"] for row in databases if row["database_name"] == "Market")
        body = {"database_id": market, "schema": "public", "sql": statement}
        return self.client.post("/api/v1/sqllab/execute/", json=body)


def log_in(client: httpx.Client, password: str) -> httpx.Response:
    """The answer to an attempt to log in as `admin`."""
    body = {"username": "admin", "password": password, "provider": "db", "refresh": False}
    return client.post("/api/v1/security/login", json=body)


def result_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON of a successful answer."""
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body
