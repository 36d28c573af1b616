"""Remember of each alert that fired what became of it on each channel, so that a retry outlives a restart.

The rows are made where the alert is written, in the same transaction: whoever writes alerts, none is forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("event_time", TIME, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("dead_lettered_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rules.id"], name=op.f("fk_alert_deliveries_rule_id_alert_rules")
        ),
        sa.UniqueConstraint(
            "rule_id", "symbol", "event_time", "channel",
            name=op.f("uq_alert_deliveries_rule_id_symbol_event_time_channel"),
        ),
        sa.CheckConstraint(
            "\"channel\" IN ('webhook', 'email')", name=op.f("ck_alert_deliveries_channel_known")
        ),
        sa.CheckConstraint(
            "\"status\" IN ('pending', 'delivered', 'dead', 'cancelled')",
            name=op.f("ck_alert_deliveries_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_alert_deliveries_delivered_at_known"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_alert_deliveries_attempts_not_negative")),
    )
    op.create_index(
        "ix_alert_deliveries_pending",
        "alert_deliveries",
        ["next_attempt_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_alert_deliveries_without_letter",
        "alert_deliveries",
        ["id"],
        postgresql_where=sa.text("status = 'dead' AND NOT is_test AND dead_lettered_at IS NULL"),
    )
    op.execute(
        """
        CREATE FUNCTION public.queue_alert_deliveries() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $function$
        BEGIN
            INSERT INTO public.alert_deliveries (rule_id, symbol, event_time, channel)
            SELECT fired.rule_id, fired.symbol, fired.event_time, target.channel
            FROM fired
            JOIN public.alert_rules AS rule ON rule.id = fired.rule_id AND rule.deleted_at IS NULL
            CROSS JOIN LATERAL jsonb_each_text(rule.delivery) AS target(channel, address)
            WHERE target.channel IN ('webhook', 'email') AND target.address IS NOT NULL;
            IF FOUND THEN
                PERFORM pg_notify('alert_deliveries', '');
            END IF;
            RETURN NULL;
        END
        $function$
        """
    )
    op.execute(
        """
        CREATE TRIGGER queue_alert_deliveries AFTER INSERT ON public.alert_events
        REFERENCING NEW TABLE AS fired FOR EACH STATEMENT
        EXECUTE FUNCTION public.queue_alert_deliveries()
        """
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER queue_alert_deliveries ON public.alert_events")
    op.execute("DROP FUNCTION public.queue_alert_deliveries()")
    op.drop_table("alert_deliveries")
