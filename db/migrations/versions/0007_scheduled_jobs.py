"""Remember what became of scheduled jobs and which symbols were asked for, so that a restart forgets neither."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scheduled_jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("handled_until", TIME, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduled_jobs")),
        sa.CheckConstraint(
            "\"status\" IN ('running', 'succeeded', 'failed', 'cancelled')",
            name=op.f("ck_scheduled_jobs_status_known"),
        ),
    )
    op.add_column(
        "assets", sa.Column("is_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("assets", "is_requested")
    op.drop_table("scheduled_jobs")
