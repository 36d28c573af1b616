"""Serves the read API: `python -m api`."""

from __future__ import annotations

import argparse
import logging
import sys

import uvicorn

from api.app import create_app
from api.errors import ApiError
from api.settings import load_settings
from db.errors import DatabaseError
from db.settings import DatabaseSettings

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
GRACEFUL_SHUTDOWN_SECONDS = 5


def main() -> None:
    """Serve until interrupted or terminated."""
    argparse.ArgumentParser("python -m api", description=__doc__).parse_args()
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    database = DatabaseSettings()
    try:
        settings = load_settings()
        database.password("market_reader")
    except (ApiError, DatabaseError) as error:
        sys.exit(str(error))
    uvicorn.run(
        create_app(settings, database),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
