"""Count calls to providers where a restart does not forget them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quota_usage",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("key_fingerprint", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "key_fingerprint", "period", name=op.f("pk_quota_usage")),
        sa.CheckConstraint(
            "\"period\" IN ('second', 'minute', 'day')", name=op.f("ck_quota_usage_period_known")
        ),
        sa.CheckConstraint("calls >= 0", name=op.f("ck_quota_usage_calls_not_negative")),
    )


def downgrade() -> None:
    op.drop_table("quota_usage")
