"""Runs the chart page's modules in Node: those that need no browser."""

import json
import subprocess
from typing import Any

from api.page.files import STATIC


def evaluate(module: str, expression: str, **values: object) -> Any:
    """What an expression over a module's exports and some values is, as JSON has it."""
    program = f"""
        import * as module from '{(STATIC / module).as_uri()}';
        const {{ {", ".join(values)} }} = JSON.parse(process.argv[1]);
        const result = await (async () => {expression})();
        process.stdout.write(JSON.stringify(result ?? null));
    """
    result = subprocess.run(
        ["node", "--input-type=module", "--eval", program, "--", json.dumps(values)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
