"""Create the tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PRICE = sa.Numeric(38, 18)
TIME = sa.DateTime(timezone=True)
NOW = sa.text("now()")
EMPTY_OBJECT = sa.text("'{}'")
INTERVAL_KNOWN = "\"interval\" IN ('1m', '5m', '15m', '1h', '1d')"


def upgrade() -> None:
    create_reference()
    create_market()
    create_alerts()
    create_ingest()


def create_reference() -> None:
    op.create_table(
        "data_sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_sources")),
        sa.CheckConstraint(
            "\"kind\" IN ('live', 'simulated', 'replay', 'history')", name=op.f("ck_data_sources_kind_known")
        ),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("asset_class", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), server_default="24/7", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.ForeignKeyConstraint(["source"], ["data_sources.name"], name=op.f("fk_assets_source_data_sources")),
        sa.CheckConstraint(r"symbol ~ '^[A-Z0-9.\-_/:^=]{1,64}$'", name=op.f("ck_assets_symbol_canonical")),
    )
    op.create_index(
        "uq_assets_symbol_not_deleted",
        "assets",
        ["symbol"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def create_market() -> None:
    op.create_table(
        "snapshots",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("event_time", TIME, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ingest_time", TIME, nullable=False),
        sa.Column("trading_day", sa.Date()),
        sa.Column("sequence", sa.BigInteger()),
        sa.Column("price", PRICE),
        sa.Column("size", PRICE),
        sa.Column("day_volume", PRICE),
        sa.Column("bid", PRICE),
        sa.Column("ask", PRICE),
        sa.Column("day_open", PRICE),
        sa.Column("day_high", PRICE),
        sa.Column("day_low", PRICE),
        sa.Column("previous_close", PRICE),
        sa.Column("market_cap", PRICE),
        sa.PrimaryKeyConstraint("symbol", "event_time", "event_id", name=op.f("pk_snapshots")),
        postgresql_partition_by="RANGE (event_time)",
    )
    op.create_table(
        "candles",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("bucket_start", TIME, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("open", PRICE, nullable=False),
        sa.Column("high", PRICE, nullable=False),
        sa.Column("low", PRICE, nullable=False),
        sa.Column("close", PRICE, nullable=False),
        sa.Column("volume", PRICE, nullable=False),
        sa.Column("vwap", PRICE),
        sa.Column("trade_count", sa.BigInteger(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("symbol", "interval", "bucket_start", name=op.f("pk_candles")),
        sa.CheckConstraint(INTERVAL_KNOWN, name=op.f("ck_candles_interval_known")),
        sa.CheckConstraint("\"origin\" IN ('stream', 'backfill')", name=op.f("ck_candles_origin_known")),
        sa.CheckConstraint(
            "0 < low AND low <= open AND low <= close AND open <= high AND close <= high AND high < 'NaN'",
            name=op.f("ck_candles_prices_ordered"),
        ),
        sa.CheckConstraint("0 <= volume AND volume < 'NaN'", name=op.f("ck_candles_volume_not_negative")),
        sa.CheckConstraint("0 < vwap AND vwap < 'NaN'", name=op.f("ck_candles_vwap_positive")),
        sa.CheckConstraint("trade_count >= 0", name=op.f("ck_candles_trade_count_not_negative")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_candles_revision_positive")),
    )
    op.create_index(op.f("ix_candles_interval_bucket_start"), "candles", ["interval", "bucket_start"])
    op.create_table(
        "indicators",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("bucket_start", TIME, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("symbol", "interval", "bucket_start", "name", name=op.f("pk_indicators")),
        sa.CheckConstraint(INTERVAL_KNOWN, name=op.f("ck_indicators_interval_known")),
        sa.CheckConstraint(
            "'-Infinity' < value AND value < 'Infinity'", name=op.f("ck_indicators_value_finite")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_indicators_revision_positive")),
    )
    op.create_table(
        "forecasts",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("bucket_start", TIME, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("price", PRICE, nullable=False),
        sa.Column("lower", PRICE, nullable=False),
        sa.Column("upper", PRICE, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("trained_until", TIME, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("symbol", "interval", "bucket_start", "model", name=op.f("pk_forecasts")),
        sa.CheckConstraint(INTERVAL_KNOWN, name=op.f("ck_forecasts_interval_known")),
        sa.CheckConstraint(
            "0 < lower AND lower <= price AND price <= upper AND upper < 'NaN'",
            name=op.f("ck_forecasts_prices_ordered"),
        ),
        sa.CheckConstraint(
            "0 < confidence AND confidence < 1", name=op.f("ck_forecasts_confidence_probability")
        ),
        sa.CheckConstraint("trained_until <= bucket_start", name=op.f("ck_forecasts_not_trained_on_future")),
    )


def create_alerts() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text()),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("delivery", postgresql.JSONB(), server_default=EMPTY_OBJECT, nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.Column("deleted_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rules")),
        sa.CheckConstraint(
            "\"kind\" IN ('price_cross', 'percent_move', 'indicator_threshold', 'indicator_cross',"
            " 'volume_spike', 'feed_silent')",
            name=op.f("ck_alert_rules_kind_known"),
        ),
        sa.CheckConstraint(INTERVAL_KNOWN, name=op.f("ck_alert_rules_interval_known")),
        sa.CheckConstraint(
            "jsonb_typeof(parameters) = 'object'", name=op.f("ck_alert_rules_parameters_object")
        ),
        sa.CheckConstraint("jsonb_typeof(delivery) = 'object'", name=op.f("ck_alert_rules_delivery_object")),
    )
    op.create_table(
        "alert_events",
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("event_time", TIME, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("delivered_at", TIME),
        sa.Column("delivery_error", sa.Text()),
        sa.PrimaryKeyConstraint("rule_id", "symbol", "event_time", name=op.f("pk_alert_events")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rules.id"], name=op.f("fk_alert_events_rule_id_alert_rules")
        ),
    )
    op.create_index(op.f("ix_alert_events_event_time"), "alert_events", ["event_time"])


def create_ingest() -> None:
    op.create_table(
        "ingest_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(), server_default=EMPTY_OBJECT, nullable=False),
        sa.Column("status", sa.Text(), server_default="running", nullable=False),
        sa.Column("started_at", TIME, server_default=NOW, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("event_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("call_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_runs")),
        sa.CheckConstraint(
            "\"kind\" IN ('fetch', 'stream', 'backfill', 'replay')", name=op.f("ck_ingest_runs_kind_known")
        ),
        sa.CheckConstraint(
            "\"status\" IN ('running', 'succeeded', 'failed', 'cancelled')",
            name=op.f("ck_ingest_runs_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'running') = (finished_at IS NULL)",
            name=op.f("ck_ingest_runs_finished_when_not_running"),
        ),
        sa.CheckConstraint("started_at <= finished_at", name=op.f("ck_ingest_runs_finished_after_start")),
        sa.CheckConstraint(
            "event_count >= 0 AND call_count >= 0", name=op.f("ck_ingest_runs_counts_not_negative")
        ),
    )
    op.create_index(op.f("ix_ingest_runs_started_at"), "ingest_runs", ["started_at"])
    op.create_table(
        "gaps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("missing_count", sa.BigInteger()),
        sa.Column("detected_at", TIME, server_default=NOW, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("closed_by_run_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.UniqueConstraint(
            "symbol", "source", "reason", "started_at", name=op.f("uq_gaps_symbol_source_reason_started_at")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_run_id"], ["ingest_runs.id"], name=op.f("fk_gaps_closed_by_run_id_ingest_runs")
        ),
        sa.CheckConstraint(
            "\"reason\" IN ('sequence', 'silence', 'missing_candles')", name=op.f("ck_gaps_reason_known")
        ),
        sa.CheckConstraint("started_at < ended_at", name=op.f("ck_gaps_ended_after_start")),
        sa.CheckConstraint("missing_count > 0", name=op.f("ck_gaps_missing_count_positive")),
    )


def downgrade() -> None:
    for table in (
        "gaps",
        "ingest_runs",
        "alert_events",
        "alert_rules",
        "forecasts",
        "indicators",
        "candles",
        "snapshots",
        "assets",
        "data_sources",
    ):
        op.drop_table(table)
