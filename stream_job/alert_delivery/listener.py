"""Hears of new alerts, and sees to it that one program alone delivers them.

Both are a matter of one connection that stays open: it listens for notifications, and holds an advisory lock
that PostgreSQL takes back when the connection ends, however it does.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from db.connection import connect
from db.settings import DatabaseSettings

logger = logging.getLogger(__name__)

LOCK: Final = 4_170_632_905_211
LOCK_RETRY_SECONDS: Final = 1.0


class ListenerLostError(Exception):
    """The connection that listens has ended; the sentence is PostgreSQL's."""


@asynccontextmanager
async def listening(
    settings: DatabaseSettings, wake: asyncio.Event, stop: asyncio.Event
) -> AsyncIterator[asyncio.Future[None]]:
    """Set `wake` at each notification, from when this program alone delivers until the end of the block.

    Yields a future that raises `ListenerLostError` when the connection ends. Waits as long as another program
    delivers, unless it is to stop: then nothing may be begun. Raises one of `DATABASE_ERRORS` where there is
    no connection.
    """
    connection = await asyncio.to_thread(connect, settings, "market_writer")
    try:
        await _own(connection, stop)
        driver: Any = connection.connection.driver_connection
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def hear() -> None:
            try:
                driver.poll()
            except psycopg2.Error as error:
                asyncio.get_running_loop().remove_reader(descriptor)
                if not lost.done():
                    lost.set_exception(ListenerLostError(" ".join(str(error).split())))
                wake.set()
                return
            if driver.notifies:
                driver.notifies.clear()
                wake.set()

        descriptor = driver.fileno()
        asyncio.get_running_loop().add_reader(descriptor, hear)
        try:
            yield lost
        finally:
            asyncio.get_running_loop().remove_reader(descriptor)
            if not lost.cancel():
                lost.exception()  # or asyncio would complain that nobody has looked at it
    finally:
        with suppress(DBAPIError):
            await asyncio.to_thread(connection.close)


async def _own(connection: Connection, stop: asyncio.Event) -> None:
    connection.execution_options(isolation_level="AUTOCOMMIT")
    is_first_look = True
    while not await asyncio.to_thread(_try_lock, connection) and not stop.is_set():
        if is_first_look:
            logger.info("another program delivers alerts: this one waits for its end")
        is_first_look = False
        with suppress(TimeoutError):
            async with asyncio.timeout(LOCK_RETRY_SECONDS):
                await stop.wait()
    await asyncio.to_thread(connection.execute, text("LISTEN alert_deliveries"))


def _try_lock(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one())
