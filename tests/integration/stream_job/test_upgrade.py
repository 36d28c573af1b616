"""`ops upgrade` under a stream of events: a migration that fails, then one that does not."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ops.paths import Paths
from ops.supervisor import Supervisor
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.tape import Tape
from tests.stack import RunningStack

pytestmark = pytest.mark.timeout(600)

OTHERS = ("postgres", "rabbitmq", "flink-jobmanager", "flink-taskmanager", "producer", "superset")
DROP_WHAT_THE_LAST_MIGRATION_MADE = "DROP FUNCTION ensure_snapshot_partition(date)"
FUNCTIONS = "SELECT count(*) FROM pg_proc WHERE proname = 'ensure_snapshot_partition'"


class Schema:
    """The version that the database says it has, and the means to make that a lie."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack

    @property
    def version(self) -> str:
        return str(self.do("SELECT version_num FROM alembic_version"))

    @version.setter
    def version(self, version: str) -> None:
        self.do("UPDATE alembic_version SET version_num = %s RETURNING 1", version)

    def do(self, statement: str, *parameters: str) -> object:
        """Run a statement as the schema's owner; returns the first value of what it says."""
        with closing(self._stack.psycopg("market_owner")) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            answer = cursor.fetchone() if cursor.description else None
            connection.commit()
        return answer[0] if answer else None


@pytest.fixture
def schema(stack: RunningStack) -> Iterator[Schema]:
    """The schema; whatever a test leaves behind, the stack is mended after it."""
    schema = Schema(stack)
    newest = schema.version
    yield schema
    if schema.version != newest:
        schema.version = newest if schema.do(FUNCTIONS) else schema.version
        stack.ops("up")


async def test_an_upgrade_migrates_under_a_job_that_goes_on_from_its_savepoint(
    tape: Tape, cluster: Cluster, stack: RunningStack, schema: Schema, tmp_path: Path
) -> None:
    supervisor = Supervisor(Paths(stack.var_dir))
    job = await cluster.next_job()
    newest = schema.version
    pids = {name: supervisor.states()[name].pid for name in OTHERS}
    await tape.play(1)
    await tape.is_read(1)

    schema.version = "0002"
    failed = stack.ops("upgrade")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stdout.split("The end of")[0]
    assert "the migration failed; it is one transaction, so the tables are as they were" in failed.stdout
    assert "check out the version that ran before, then run 'make up'" in failed.stdout
    assert 'function "ensure_snapshot_partition" already exists' in failed.stdout
    assert schema.version == "0002"
    assert cluster.running_jobs() == []
    await tape.play(2)

    schema.do(DROP_WHAT_THE_LAST_MIGRATION_MADE)
    upgraded = stack.ops("upgrade")
    assert upgraded.returncode == 0, upgraded.stdout
    assert (schema.version, schema.do(FUNCTIONS)) == (newest, 1)
    successor = await cluster.next_job(job)
    savepoint = cluster.restored_from(successor)
    assert savepoint.parent.name == "savepoints"
    assert f"the job went on from the savepoint {savepoint}" in upgraded.stdout
    assert {name: supervisor.states()[name].pid for name in OTHERS} == pids
    await tape.play(3)
    await tape.counts_once(tmp_path)
