"""Let the writer make the partition of a day, and nothing else.

The function runs as its owner, so it trusts nothing of its caller's: the search path is fixed, names are qualified,
and the only argument is a date within what an event's time may be.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # LIKE and ATTACH instead of PARTITION OF: ATTACH does not wait for those who read and write snapshots, nor make
    # them wait, and two writers that each hold rows of an open transaction cannot deadlock over a new day.
    # The lock makes concurrent calls wait for each other; whoever comes second finds the partition made.
    # A bound is written with its offset, so that the session's time zone cannot shift it.
    op.execute(
        r"""
        CREATE FUNCTION public.ensure_snapshot_partition(day date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $function$
        DECLARE
            earliest CONSTANT date := DATE '2000-01-01';
            latest CONSTANT date := (clock_timestamp() AT TIME ZONE 'UTC')::date + 1;
            partition CONSTANT text := 'snapshots_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF day IS NULL OR day < earliest OR day > latest THEN
                RAISE EXCEPTION 'No partition of snapshots for the day %: it must be between % and %.',
                    coalesce(day::text, 'null'), earliest, latest
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            IF to_regclass('public.' || partition) IS NOT NULL THEN
                RETURN;
            END IF;
            LOCK TABLE ONLY public.snapshots IN SHARE UPDATE EXCLUSIVE MODE;
            IF to_regclass('public.' || partition) IS NOT NULL THEN
                RETURN;
            END IF;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.snapshots INCLUDING ALL EXCLUDING INDEXES)', partition);
            EXECUTE format(
                'ALTER TABLE public.snapshots ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                partition,
                to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
                to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00'
            );
        END
        $function$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION public.ensure_snapshot_partition(date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION public.ensure_snapshot_partition(date) TO market_writer")


def downgrade() -> None:
    op.execute("DROP FUNCTION public.ensure_snapshot_partition(date)")
