"""The job's own candles, once more: its operators in this process, over a file of events."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table

# As text, because Flink's own conversion of a moment goes through the local time zone of Python.
COLUMNS: Final = """
SELECT symbol, `interval`, CAST(bucket_start AS STRING), source, `open`, high, low, `close`, volume, vwap,
       trade_count, is_partial, revision
FROM candles WHERE is_final
"""


class RebuiltCandle(NamedTuple):
    """A final candle, by the columns of its table; `bucket_start` is in UTC."""

    symbol: str
    interval: str
    bucket_start: datetime
    source: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    vwap: Decimal | None
    trade_count: int
    is_partial: bool
    revision: int


def candles_of(events: Path, connector_jar: Path) -> list[RebuiltCandle]:
    """The last version of every candle that the events come to, of all intervals, by interval and time."""
    environment = StreamExecutionEnvironment.get_execution_environment(_configuration())
    environment.add_jars(connector_jar.resolve().as_uri())
    tables = StreamTableEnvironment.create(environment)
    tables.get_config().set_local_timezone("UTC")
    streams = get_gateway().jvm.io.candlewick.market.MarketStreams
    java = environment._j_stream_execution_environment  # noqa: SLF001  # Java's functions want Java's.
    rows = streams.candles(streams.combined(streams.eventsIn(java, str(events.resolve()))))
    candles = Table(tables._j_tenv.fromDataStream(rows), tables)  # noqa: SLF001  # As above.
    tables.create_temporary_view("candles", candles)
    newest: dict[tuple[str, datetime], RebuiltCandle] = {}
    with tables.execute_sql(COLUMNS).collect() as found:
        for row in found:
            candle = _candle(row)
            known = newest.get((candle.interval, candle.bucket_start))
            if known is None or known.revision < candle.revision:
                newest[candle.interval, candle.bucket_start] = candle
    return [newest[key] for key in sorted(newest)]


def _configuration() -> Configuration:
    configuration = Configuration()
    for key, value in {
        "parallelism.default": "1",
        "pipeline.object-reuse": "true",
        "rest.bind-port": "0",
    }.items():
        configuration.set_string(key, value)
    return configuration


def _candle(row: Any) -> RebuiltCandle:
    symbol, interval, start, *others = row
    return RebuiltCandle(symbol, interval, datetime.fromisoformat(start).replace(tzinfo=UTC), *others)
