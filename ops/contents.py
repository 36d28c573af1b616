"""What is in the market database: what `make up` waits for, and what it prints at its end."""

from dataclasses import dataclass
from datetime import datetime

import psycopg2

from ops.settings import OpsSettings

COUNTS = """
select count(*),
       count(*) filter (where is_final),
       count(*) filter (where is_final and origin = 'stream'),
       count(distinct symbol),
       coalesce(string_agg(distinct source, ', '), ''),
       max(bucket_start) filter (where is_final)
from candles
"""


@dataclass(frozen=True)
class Contents:
    """Counts of candles, of whose symbols and sources, and the newest finished one (UTC).

    `streamed` are the finished ones that the job made of events.
    """

    candles: int
    finished: int
    streamed: int
    symbols: int
    sources: str
    newest: datetime | None

    @classmethod
    def read(cls, settings: OpsSettings) -> "Contents":
        """Asks the database, as the role that may only read."""
        connection = psycopg2.connect(
            host=settings.postgres_host,
            port=settings.postgres_port,
            user="market_reader",
            password=settings.market_reader_password.get_secret_value(),
            dbname=settings.postgres_db,
            connect_timeout=10,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(COUNTS)
                row = cursor.fetchone()
        finally:
            connection.close()
        if row is None:
            raise RuntimeError("an aggregate without a row")
        return cls(*row)

    def describe(self) -> str:
        """One sentence."""
        if not self.candles:
            return "no candles yet"
        newest = f", the newest finished one of {self.newest:%Y-%m-%d %H:%M} UTC" if self.newest else ""
        counts = f"{self.candles:,} candles ({self.finished:,} finished)"
        return f"{counts} of {self.symbols} symbols from {self.sources}{newest}"
