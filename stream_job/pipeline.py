"""The job: events from the streams, raw into `snapshots`, combined into `candles`, those into `indicators`.

Rules that are read while it runs turn events, candles and indicators into `alert_events`.

Each tick stays in the JVM; Python says what is connected to what, and computes from final candles.
"""

from collections.abc import Sequence
from typing import Any, Final

from pyflink.common import Duration, Types, WatermarkStrategy
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.connectors.base import Source
from pyflink.java_gateway import get_gateway
from pyflink.table import StatementSet, StreamTableEnvironment, Table

from db.flink_ddl import create_table
from db.models import AlertEvent, AlertRule, Base, Candle, Indicator, Snapshot
from db.settings import DatabaseSettings
from stream_job.indicator_function import INDICATOR_VALUES, IndicatorFunction, series_of
from stream_job.settings import JobSettings

DEAD_LETTER_QUEUE: Final = "market.dead-letters"
ALERT_COLUMNS: Final = ("rule_id", "symbol", "event_time", "message", "value")
"""What the job writes of an alert; the others are the database's, and those of its delivery."""


def build(environment: StreamExecutionEnvironment, settings: JobSettings) -> None:
    """Add the whole job to the environment. The connector jar must be on its class path."""
    tables = StreamTableEnvironment.create(environment)
    statements = tables.create_statement_set()
    streams = get_gateway().jvm.io.candlewick.market.MarketStreams
    events = market_events(environment, settings)
    if settings.snapshots_enabled:
        partitions = {
            "partition-function": "ensure_snapshot_partition",
            "partition-column": Snapshot.event_time.key,
        }
        snapshots = streams.snapshotRows(events).uid("snapshot-rows").name("snapshot rows")
        _into(statements, tables, Snapshot, snapshots, partitions)
    minutes = streams.combined(events).uid("combine").name("combine by symbol and minute")
    candles = streams.candles(minutes).uid("candles").name("candles")
    _into(statements, tables, Candle, candles, {"guard-column": Candle.revision.key})
    final_candles = streams.finalCandles(candles)
    values = _indicator_values(final_candles)
    indicators = streams.indicatorRows(values).uid("indicator-rows").name("indicator rows")
    _into(statements, tables, Indicator, indicators, {"guard-column": Indicator.revision.key})
    alerts = _alerts(environment, settings, events, final_candles, values)
    parent = {"parent-table": AlertRule.__tablename__, "parent-column": AlertEvent.rule_id.key}
    _into(statements, tables, AlertEvent, alerts, parent, ALERT_COLUMNS)
    statements.attach_as_datastream()


def market_events(environment: StreamExecutionEnvironment, settings: JobSettings) -> Any:
    """The valid events of all shards, as a Java stream with a watermark for each shard."""
    java = get_gateway().jvm.io.candlewick
    builder = (
        java.connector.rabbitmq.source.RabbitMqStreamSource.builder()
        .setUri(settings.amqp_uri)
        .setQueues(settings.queues)
        .setDeserializer(java.market.MarketEventSchema())
        .setDeadLetterQueue(DEAD_LETTER_QUEUE)
        .setBounded(settings.job_bounded)
    )
    watermarks = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(settings.job_out_of_orderness_ms)
    ).with_idleness(Duration.of_seconds(settings.job_idleness_seconds))
    events = environment.from_source(Source(builder.build()), watermarks, "market events").uid(
        "market-events"
    )
    return events._j_data_stream  # noqa: SLF001  # PyFlink has no public way to Java's functions.


def _indicator_values(final_candles: Any) -> Any:
    """The indicators of the candles, computed in Python; both are Java streams."""
    values = (
        DataStream(final_candles)
        .key_by(series_of, Types.STRING())
        .process(IndicatorFunction(), INDICATOR_VALUES)
        .uid("indicators")
        .name("indicators")
    )
    return values._j_data_stream  # noqa: SLF001  # As above.


def _alerts(
    environment: StreamExecutionEnvironment,
    settings: JobSettings,
    events: Any,
    final_candles: Any,
    indicator_values: Any,
) -> Any:
    """The rows of the rules that fire; all are Java streams."""
    jvm = get_gateway().jvm
    streams = jvm.io.candlewick.alerts.AlertStreams
    database = DatabaseSettings()
    rule_database = jvm.io.candlewick.alerts.RuleDatabase(
        database.jdbc_url(),
        "market_writer",
        database.password("market_writer"),
        jvm.java.time.Duration.ofSeconds(settings.alert_rules_seconds),
    )
    java_environment = environment._j_stream_execution_environment  # noqa: SLF001  # As above.
    rules = streams.rules(java_environment, rule_database, settings.job_bounded).uid("alert-rules")
    watched = streams.watched(events, rule_database).uid("watched-events").name("events with alert rules")
    disorder = jvm.java.time.Duration.ofMillis(settings.job_out_of_orderness_ms)
    of_events = streams.priceAlerts(watched, rules, disorder).uid("price-alerts")
    of_candles = streams.candleAlerts(final_candles, indicator_values, rules).uid("candle-alerts")
    return streams.together(of_events, of_candles.name("candle alerts"))


def _into(
    statements: StatementSet,
    tables: StreamTableEnvironment,
    model: type[Base],
    rows: Any,
    options: dict[str, str],
    columns: Sequence[str] | None = None,
) -> None:
    """Add an insert of the rows into the model's table: of all its columns, or of these."""
    database = DatabaseSettings()
    table = model.__tablename__
    columns = columns or [column.name for column in model.__table__.columns]
    sink = {
        "connector": "postgres-copy",
        "url": database.jdbc_url(),
        "username": "market_writer",
        "password": database.password("market_writer"),
        "table-name": table,
        **options,
    }
    tables.execute_sql(create_table(model, sink, columns))
    source = Table(tables._j_tenv.fromDataStream(rows), tables)  # noqa: SLF001  # It keeps the rows as they are.
    statements.add_insert(table, source.select(*(getattr(source, name) for name in columns)))
