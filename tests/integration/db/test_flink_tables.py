"""Flink itself accepts the tables that are generated from the models."""

import json
import subprocess
import sys

from db.flink_ddl import create_table
from db.models import Base

# In a process of its own: the JVM that PyFlink starts would stay until the last test has run.
CREATE_AND_LIST = """
import json, sys
from pyflink.table import EnvironmentSettings, TableEnvironment
flink = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
for statement in json.load(sys.stdin):
    flink.execute_sql(statement)
print(json.dumps({
    name: flink.from_path(name).get_schema().get_field_names() for name in flink.list_tables()
}))
"""


def test_flink_creates_every_table_even_with_an_option_that_needs_escaping() -> None:
    options = {"connector": "blackhole", "no'te": "it's `quoted`"}
    statements = [create_table(table, options) for table in Base.metadata.sorted_tables]
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CREATE_AND_LIST],
        input=json.dumps(statements),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    columns = json.loads(result.stdout.splitlines()[-1])
    assert columns == {table.name: list(table.columns.keys()) for table in Base.metadata.sorted_tables}
