"""Serves the producer: `python -m producer`."""

from __future__ import annotations

import logging
import sys

import uvicorn

from db.settings import DatabaseSettings
from producer.api.app import create_app
from producer.errors import ProducerError
from producer.settings import load_settings

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
# Feeds end at once; what they published may need its time to be confirmed.
GRACEFUL_SHUTDOWN_SECONDS = 5


def main() -> None:
    """Serve until interrupted or terminated."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    # They tell of each request, and of each lost connection with a traceback; ours say it in a line.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        settings = load_settings()
    except ProducerError as error:
        sys.exit(str(error))
    uvicorn.run(
        create_app(settings, DatabaseSettings()),
        host=settings.producer_host,
        port=settings.producer_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
