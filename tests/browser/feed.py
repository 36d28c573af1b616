"""The simulator of the tests' stack, switched on and off."""

import time

import httpx

from tests.stack import RunningStack

WAIT_SECONDS = 240
# Two candles make a change of price. Of the last hours: what the dashboard shows by default.
MOVING_SYMBOLS = """
SELECT count(*) FROM (
    SELECT symbol FROM candles
    WHERE source = 'simulator' AND interval = '1m' AND is_final AND bucket_start > now() - interval '2 hours'
    GROUP BY symbol HAVING count(*) >= 2
) AS moving
"""


def switch(stack: RunningStack, action: str) -> None:
    """Start or stop the simulator; `action` is the last part of the address."""
    httpx.post(
        f"{stack.producer_url}/feeds/simulator/{action}",
        headers={"X-API-Key": stack.env["PRODUCER_API_KEY"]},
        timeout=60,
    ).raise_for_status()


def leave_alone_in_the_market(stack: RunningStack) -> None:
    """Delete the candles of other tests' symbols: the dashboard would show those first, and years ago.

    The bundled history stays: that is how people see the dashboard.

    To be called when candles of now are finished: until then the job may still finish candles of the others.
    """
    connection = stack.psycopg("market_writer")
    try:
        with connection, connection.cursor() as cursor:
            symbols = stack.env["SIMULATOR_SYMBOLS"].split(",")
            cursor.execute("DELETE FROM candles WHERE symbol <> ALL(%s) AND source <> 'history'", (symbols,))
    finally:
        connection.close()


def until_candles_are_finished(stack: RunningStack) -> None:
    """Wait until each symbol of the simulator has finished candles; AssertionError when one does not."""
    symbols = len(stack.env["SIMULATOR_SYMBOLS"].split(","))
    deadline = time.monotonic() + WAIT_SECONDS
    connection = stack.psycopg("market_reader")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(MOVING_SYMBOLS)
                (count,) = cursor.fetchone() or (0,)
                if count >= symbols:
                    return
                time.sleep(0.5)
    finally:
        connection.close()
    raise AssertionError(f"not all {symbols} symbols have finished candles after {WAIT_SECONDS} s")
