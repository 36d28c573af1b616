"""Let the read API recognise API keys, without letting its role see them, and find open gaps and running runs.

The function runs as its owner, so it trusts nothing of its caller's: the search path is fixed and names are qualified.
It answers the name of a key to who knows the hash of its secret, and notes that the key was used.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION api_key_holder(key_id bigint, hashed text) RETURNS text
            LANGUAGE plpgsql
            SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            found public.api_keys;
        BEGIN
            SELECT * INTO found FROM public.api_keys
                WHERE id = key_id AND secret_hash = hashed AND revoked_at IS NULL;
            IF found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute' THEN
                UPDATE public.api_keys SET last_used_at = now() WHERE id = found.id;
            END IF;
            RETURN found.name;
        END
        $$
        """
    )
    op.execute("GRANT EXECUTE ON FUNCTION api_key_holder(bigint, text) TO market_reader")
    op.create_index("ix_gaps_open", "gaps", ["id"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index(
        "ix_ingest_runs_running", "ingest_runs", ["id"], postgresql_where=sa.text("status = 'running'")
    )
    # The live feeds ask for the newest twice a second.
    op.create_index("ix_alert_events_created_at", "alert_events", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_alert_events_created_at", "alert_events")
    op.drop_index("ix_ingest_runs_running", "ingest_runs")
    op.drop_index("ix_gaps_open", "gaps")
    op.execute("DROP FUNCTION api_key_holder(bigint, text)")
