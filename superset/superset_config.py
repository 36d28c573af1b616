"""Configuration of Apache Superset: everything that differs between machines comes from the environment.

Provision, then serve (with the same environment, from the root of the repository)::

    .venv-superset/bin/python superset/provision.py
    .venv-superset/bin/gunicorn --workers 1 --worker-class gthread --threads 8 --timeout 60 \
        --bind "$BIND_ADDRESS:$SUPERSET_PORT" "superset.app:create_app()"

``SUPERSET_CONFIG_PATH`` names this file. Required: ``SUPERSET_SECRET_KEY``, ``SUPERSET_DB_PASSWORD`` and, to
provision, ``SUPERSET_ADMIN_PASSWORD`` and ``MARKET_READER_PASSWORD``. Optional, with their defaults:
``POSTGRES_HOST`` 127.0.0.1, ``POSTGRES_PORT`` 5432, ``POSTGRES_DB`` market, ``VAR_DIR`` var, ``API_HOST``
127.0.0.1 and ``API_PORT`` 8001 (where browsers find the read API and its chart page), and
``SUPERSET_ECHARTS_DIR`` ``$VAR_DIR/npm/node_modules/echarts/dist``, which ``npm ci`` fills from
``superset/plugins/package-lock.json``.
"""

import contextlib
import hashlib
import json
import os
import time
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, send_from_directory

# Superset resolves "now" of a relative time range by the clock of the process: keep it on UTC like the data.
os.environ["TZ"] = "UTC"
time.tzset()

MINIMUM_SECRET_KEY_LENGTH = 32


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"{name} is not set in the environment, where Superset takes it from.")
    return value


_var_dir = Path(os.environ.get("VAR_DIR", "var")).resolve()

SECRET_KEY = _required("SUPERSET_SECRET_KEY")
if len(SECRET_KEY) < MINIMUM_SECRET_KEY_LENGTH:
    raise RuntimeError(
        f"SUPERSET_SECRET_KEY has {len(SECRET_KEY)} characters and needs {MINIMUM_SECRET_KEY_LENGTH}: "
        "make one with `openssl rand -base64 42`."
    )

SQLALCHEMY_DATABASE_URI = (
    f"postgresql+psycopg2://superset:{quote(_required('SUPERSET_DB_PASSWORD'), safe='')}"
    f"@{os.environ.get('POSTGRES_HOST', '127.0.0.1')}:{os.environ.get('POSTGRES_PORT', '5432')}/superset"
)
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}

APP_NAME = "Candlewick"
FEATURE_FLAGS = {"DYNAMIC_PLUGINS": True}
ROW_LIMIT = 10_000
SUPERSET_WEBSERVER_TIMEOUT = 60  # seconds; the statement timeout of market_reader is half of it


def _file_cache(name: str, lifetime: timedelta) -> dict[str, Any]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(_var_dir / "superset" / "cache" / name),
        "CACHE_DEFAULT_TIMEOUT": int(lifetime.total_seconds()),
        "CACHE_THRESHOLD": 1_000,
    }


CACHE_CONFIG = _file_cache("metadata", timedelta(days=1))
# Below the refresh period of the dashboard: every tick shows new rows, and viewers of one tick share a query.
DATA_CACHE_CONFIG = _file_cache("data", timedelta(seconds=5))
_FROM_LAST_USE = {"REFRESH_TIMEOUT_ON_RETRIEVAL": True}
FILTER_STATE_CACHE_CONFIG = _file_cache("filters", timedelta(days=7)) | _FROM_LAST_USE
EXPLORE_FORM_DATA_CACHE_CONFIG = _file_cache("explore", timedelta(days=7)) | _FROM_LAST_USE

DASHBOARD_AUTO_REFRESH_MODE = "fetch"  # through the data cache; "force" costs a query a chart for each viewer
DASHBOARD_AUTO_REFRESH_INTERVALS = [
    [0, "Don't refresh"],
    [5, "5 seconds"],
    [10, "10 seconds"],
    [30, "30 seconds"],
    [60, "1 minute"],
]
# By default "Last 3 hours" would count from today 00:00, and end before it begins.
DEFAULT_RELATIVE_START_TIME = "now"
DEFAULT_RELATIVE_END_TIME = "now"

# Nothing from another host: no telemetry pixel, no map tiles, no web fonts; scripts by nonce, no eval.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # served on loopback; put TLS in front to serve it further
    "session_cookie_secure": False,
}

# Chart plugins are plain ES modules that the browser imports: Superset's front end is not rebuilt. It asks
# /dynamic-plugins/api/read for their list, which Superset 6.1 itself answers with 404.
_plugins_dir = Path(__file__).resolve().parent / "plugins"
_echarts_dir = Path(os.environ.get("SUPERSET_ECHARTS_DIR") or _var_dir / "npm/node_modules/echarts/dist")
_PLUGINS = {"market_candlestick": "Candlestick", "market_sources": "Data sources"}


def _read_api() -> str:
    """A module that says where the read API is: at a host, or (empty) where Superset itself is."""
    host, port = os.environ.get("API_HOST", "127.0.0.1"), int(os.environ.get("API_PORT", "8001"))
    with contextlib.suppress(ValueError):  # a name
        address = ip_address(host)
        written = f"[{address}]" if address.version == 6 else host
        host = "" if address.is_unspecified else written
    return f"export const READ_API = {json.dumps({'host': host, 'port': port})};\n"


def _plugins_version() -> str:
    digest = hashlib.sha256(_read_api().encode())
    for path in (*sorted(_plugins_dir.rglob("*.js")), _plugins_dir / "package-lock.json"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# Static files are cached by browsers for a year: a new version must have a new address.
_plugins_url = f"/market-plugins/{_plugins_version()}"
_blueprint = Blueprint("market_plugins", __name__)


@_blueprint.get(f"{_plugins_url}/echarts.js")
def _echarts() -> Response:
    return send_from_directory(_echarts_dir.resolve(), "echarts.esm.min.js")


@_blueprint.get(f"{_plugins_url}/read_api.js")
def _read_api_module() -> Response:
    return Response(_read_api(), mimetype="text/javascript")


@_blueprint.get(f"{_plugins_url}/<path:filename>.js")
def _plugin(filename: str) -> Response:
    return send_from_directory(_plugins_dir, f"{filename}.js")


@_blueprint.get("/dynamic-plugins/api/read")
def _list_plugins() -> dict[str, Any]:
    result = [
        {"id": number, "name": name, "key": key, "bundle_url": f"{_plugins_url}/{key}.js"}
        for number, (key, name) in enumerate(_PLUGINS.items(), start=1)
    ]
    return {"count": len(result), "result": result}


BLUEPRINTS = [_blueprint]
