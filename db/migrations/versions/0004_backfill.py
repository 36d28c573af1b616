"""Let a partial candle of the stream never replace a backfilled one, and remember what backfills have asked.

The job's upsert asks for a higher revision alone, which a late event gives to a candle of which the stream has
seen only a part. That such a candle must not win is a rule of the table, whoever writes: the trigger's condition
is looked at for each update of a candle, and its function called only to keep one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backfill_windows",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("window_start", TIME, nullable=False),
        sa.Column("window_end", TIME, nullable=False),
        sa.Column("bar_count", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "source", "symbol", "interval", "window_start", name=op.f("pk_backfill_windows")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["ingest_runs.id"], name=op.f("fk_backfill_windows_run_id_ingest_runs")
        ),
        sa.CheckConstraint(
            "\"interval\" IN ('1m', '5m', '15m', '1h', '1d')", name=op.f("ck_backfill_windows_interval_known")
        ),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_backfill_windows_ended_after_start")),
        sa.CheckConstraint("bar_count >= 0", name=op.f("ck_backfill_windows_bar_count_not_negative")),
    )
    op.execute(
        """
        CREATE FUNCTION public.keep_backfilled_candle() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $function$
        BEGIN
            RETURN NULL;
        END
        $function$
        """
    )
    op.execute(
        """
        CREATE TRIGGER keep_backfilled_candle BEFORE UPDATE ON public.candles FOR EACH ROW
        WHEN (OLD.origin = 'backfill' AND NEW.origin = 'stream' AND NEW.is_partial)
        EXECUTE FUNCTION public.keep_backfilled_candle()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_backfilled_candle ON public.candles")
    op.execute("DROP FUNCTION public.keep_backfilled_candle()")
    op.drop_table("backfill_windows")
