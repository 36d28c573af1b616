"""Drops old rows at its start and once a day: `python -m db.daily_retention`, under the supervisor."""

import argparse
import logging
import signal
import sys
import threading
from datetime import timedelta

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
    wait_exponential,
)

from db.errors import DatabaseError
from db.retention import drop_expired
from db.settings import DatabaseSettings

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
LONGEST_WAIT = timedelta(minutes=5)


def drop_daily(settings: DatabaseSettings, stop: threading.Event, every: timedelta = DAY) -> None:
    """Drops what has expired now and again after each `every`, until `stop` is set.

    While the database is away or in use it tries again, ever slower. However long that takes, it drops once.
    """
    attempts = Retrying(
        retry=retry_if_exception_type(DatabaseError),
        wait=wait_exponential(max=LONGEST_WAIT),
        stop=stop_when_event_set(stop),
        sleep=sleep_using_event(stop),
        before_sleep=_say_when_again,
        retry_error_callback=lambda _: None,
    )
    while not stop.is_set():
        attempts(drop_expired, settings, logger.info)
        stop.wait(every.total_seconds())


def _say_when_again(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    logger.warning("%s Trying again in %.0f s.", error, state.upcoming_sleep)


def main() -> None:
    """Works until it is terminated; without the owner's password it ends at once, with exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = DatabaseSettings()
    try:
        settings.password("market_owner")
    except DatabaseError as error:
        sys.exit(str(error))
    drop_daily(settings, stop)


if __name__ == "__main__":
    argparse.ArgumentParser("python -m db.daily_retention", description=__doc__).parse_args()
    main()
