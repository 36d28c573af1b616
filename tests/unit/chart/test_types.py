"""The types that the chart page's modules say in their comments, held by TypeScript's compiler."""

import subprocess

from ops.settings import REPOSITORY

COMPILER = REPOSITORY / "var/npm-chart/node_modules/typescript/bin/tsc"


def test_the_compiler_finds_no_wrong_type_in_the_modules() -> None:
    result = subprocess.run(
        ["node", COMPILER, "--project", "api/page"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout
