"""Asks Superset what a person would see: is it there, and does a chart have rows."""

from typing import Any

import httpx

from ops.settings import OpsSettings

DATASET = "market_candles"


class SupersetClient:
    """Superset's REST API, as `admin`."""

    def __init__(self, settings: OpsSettings) -> None:
        self._base = f"http://{settings.bind_address}:{settings.superset_port}"
        self._password = settings.superset_admin_password.get_secret_value()

    def answers(self) -> bool:
        """Whether the web server is up."""
        try:
            return httpx.get(f"{self._base}/health", timeout=30).is_success
        except httpx.HTTPError:
            return False

    def chart_rows(self) -> int:
        """The number of symbols that a chart query finds; httpx.HTTPError when it cannot be asked."""
        with httpx.Client(base_url=self._base, timeout=60) as client:
            login = {"username": "admin", "password": self._password, "provider": "db", "refresh": False}
            token = _json(client.post("/api/v1/security/login", json=login))["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            query = f"(filters:!((col:table_name,opr:eq,value:{DATASET})))"
            datasets = _json(client.get("/api/v1/dataset/", params={"q": query}))["result"]
            if not datasets:
                return 0
            body = {
                "datasource": {"id": datasets[0]["id"], "type": "table"},
                "queries": [{"columns": ["symbol"], "metrics": [], "orderby": [], "row_limit": 100}],
                "result_format": "json",
                "result_type": "full",
                "force": True,
            }
            return int(_json(client.post("/api/v1/chart/data", json=body))["result"][0]["rowcount"])


def _json(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body
