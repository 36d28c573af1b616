"""Let the roles use what the migrations after this one create.

Default privileges come first, so that every later table, and every partition made while running, is granted
without anyone having to think of it.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO market_writer, market_reader")
    op.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE market_owner IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO market_writer"
    )
    op.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE market_owner IN SCHEMA public GRANT SELECT ON TABLES TO market_reader"
    )
    # PostgreSQL lets everybody execute a new function. Only a revocation for the whole database takes that back:
    # one for a schema can add to the built-in privilege, but not remove it.
    op.execute("ALTER DEFAULT PRIVILEGES FOR ROLE market_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")


def downgrade() -> None:
    op.execute("ALTER DEFAULT PRIVILEGES FOR ROLE market_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    op.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE market_owner IN SCHEMA public REVOKE ALL ON TABLES FROM market_reader"
    )
    op.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE market_owner IN SCHEMA public REVOKE ALL ON TABLES FROM market_writer"
    )
    op.execute("REVOKE USAGE ON SCHEMA public FROM market_writer, market_reader")
