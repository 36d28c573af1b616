"""Serves the read API: `python -m api`."""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import suppress

from api.app import create_app
from api.errors import ApiError
from api.garbage import collect_seldom
from api.live.server import LiveServer
from api.live.settings import LiveSettings
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
    # They tell of each lost connection with a traceback; ours say it in a line.
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    database = DatabaseSettings()
    try:
        settings = load_settings()
        live_settings = LiveSettings.load()
        database.password("market_reader")
    except (ApiError, DatabaseError) as error:
        sys.exit(str(error))
    server = LiveServer(
        create_app(settings, database, live_settings),
        host=settings.api_host,
        port=settings.api_port,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )
    collect_seldom()
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    main()
