"""Score forecasts when the truth arrives, and keep how the models did in their backtest."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PRICE = sa.Numeric(38, 18)
NOW = sa.text("now()")
KEY = ["symbol", "interval", "bucket_start", "model"]


def upgrade() -> None:
    op.add_column("forecasts", sa.Column("is_chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("forecasts", sa.Column("source_kind", sa.Text(), nullable=True))
    op.add_column("forecasts", sa.Column("naive_mae", PRICE, nullable=True))
    op.create_check_constraint(
        op.f("ck_forecasts_source_kind_known"),
        "forecasts",
        "\"source_kind\" IN ('live', 'simulated', 'replay', 'history')",
    )
    op.create_check_constraint(
        op.f("ck_forecasts_naive_mae_not_negative"), "forecasts", "0 <= naive_mae AND naive_mae < 'NaN'"
    )
    op.create_index(
        "uq_forecasts_chosen",
        "forecasts",
        ["symbol", "interval", "bucket_start"],
        unique=True,
        postgresql_where=sa.text("is_chosen"),
    )
    create_scores()
    create_backtests()


def create_scores() -> None:
    op.create_table(
        "forecast_scores",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("bucket_start", TIME, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("actual", PRICE, nullable=False),
        sa.Column("absolute_error", PRICE, nullable=False),
        sa.Column("scaled_error", sa.Double(), nullable=True),
        sa.Column("is_within", sa.Boolean(), nullable=False),
        sa.Column("candle_revision", sa.BigInteger(), nullable=False),
        sa.Column("scored_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_forecast_scores")),
        sa.ForeignKeyConstraint(
            KEY,
            [f"forecasts.{name}" for name in KEY],
            name=op.f("fk_forecast_scores_symbol_interval_bucket_start_model_forecasts"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("0 < actual AND actual < 'NaN'", name=op.f("ck_forecast_scores_actual_positive")),
        sa.CheckConstraint(
            "0 <= absolute_error AND absolute_error < 'NaN'",
            name=op.f("ck_forecast_scores_absolute_error_not_negative"),
        ),
        sa.CheckConstraint(
            "0 <= scaled_error AND scaled_error < 'Infinity'",
            name=op.f("ck_forecast_scores_scaled_error_finite"),
        ),
        sa.CheckConstraint("candle_revision > 0", name=op.f("ck_forecast_scores_candle_revision_positive")),
    )


def create_backtests() -> None:
    op.create_table(
        "forecast_backtests",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("forecast_count", sa.BigInteger(), nullable=False),
        sa.Column("mase", sa.Double(), nullable=True),
        sa.Column("relative_mase", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("width", sa.Double(), nullable=False),
        sa.Column("half_width", sa.Double(), nullable=False),
        sa.Column("tested_until", TIME, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("symbol", "interval", "model", name=op.f("pk_forecast_backtests")),
        sa.CheckConstraint(
            "\"interval\" IN ('1m', '5m', '15m', '1h', '1d')", name=op.f("ck_forecast_backtests_interval_known")
        ),
        sa.CheckConstraint(
            "0 < confidence AND confidence < 1", name=op.f("ck_forecast_backtests_confidence_probability")
        ),
        sa.CheckConstraint(
            "0 <= coverage AND coverage <= 1", name=op.f("ck_forecast_backtests_coverage_share")
        ),
        sa.CheckConstraint("forecast_count > 0", name=op.f("ck_forecast_backtests_forecast_count_positive")),
        sa.CheckConstraint(
            "0 <= p_value AND p_value <= 1", name=op.f("ck_forecast_backtests_p_value_probability")
        ),
    )
    op.create_index(
        "uq_forecast_backtests_chosen",
        "forecast_backtests",
        ["symbol", "interval"],
        unique=True,
        postgresql_where=sa.text("is_chosen"),
    )


def downgrade() -> None:
    op.drop_table("forecast_backtests")
    op.drop_table("forecast_scores")
    op.drop_index("uq_forecasts_chosen", table_name="forecasts")
    op.drop_column("forecasts", "naive_mae")
    op.drop_column("forecasts", "source_kind")
    op.drop_column("forecasts", "is_chosen")
