"""`ops upgrade` under a stream of events: a migration that fails, then one that does not."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from ops.paths import Paths
from ops.settings import REPOSITORY
from ops.supervisor import Supervisor
from tests.integration.stream_job.cluster import Cluster
from tests.integration.stream_job.tape import Tape
from tests.stack import RunningStack

pytestmark = pytest.mark.timeout(600)

OTHERS = ("postgres", "rabbitmq", "flink-jobmanager", "flink-taskmanager", "producer", "superset")


class Schema:
    """The version that the database says it has, and the means to make that a lie."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self.is_taken_back = False

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

    @property
    def before(self) -> str:
        """The version before the newest."""
        newest = ScriptDirectory.from_config(Config(REPOSITORY / "alembic.ini")).get_revision("head")
        assert newest is not None
        return str(newest.down_revision)

    def take_back_the_newest(self) -> None:
        """Undo the newest migration."""
        command = [sys.executable, "-m", "alembic", "downgrade", "-1"]
        subprocess.run(command, cwd=REPOSITORY, env=self._stack.environment, check=True)
        self.is_taken_back = True


@pytest.fixture
def schema(stack: RunningStack) -> Iterator[Schema]:
    """The schema; whatever a test leaves behind, the stack is mended after it."""
    schema = Schema(stack)
    newest = schema.version
    yield schema
    if schema.version != newest:
        if not schema.is_taken_back:
            schema.version = newest
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

    schema.version = schema.before
    failed = stack.ops("upgrade")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stdout.split("The end of")[0]
    assert "the migration failed; it is one transaction, so the tables are as they were" in failed.stdout
    assert "check out the version that ran before, then run 'make up'" in failed.stdout
    assert "already exists" in failed.stdout
    assert schema.version == schema.before
    assert cluster.running_jobs() == []
    await tape.play(2)

    schema.version = newest
    schema.take_back_the_newest()
    upgraded = stack.ops("upgrade")
    assert upgraded.returncode == 0, upgraded.stdout
    assert schema.version == newest
    successor = await cluster.next_job(job)
    savepoint = cluster.restored_from(successor)
    assert savepoint.parent.name == "savepoints"
    assert f"the job went on from the savepoint {savepoint}" in upgraded.stdout
    assert {name: supervisor.states()[name].pid for name in OTHERS} == pids
    await tape.play(3)
    await tape.counts_once(tmp_path)
