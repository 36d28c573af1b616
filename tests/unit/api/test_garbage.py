"""How the read API lets Python collect garbage."""

import subprocess
import sys

from ops.settings import REPOSITORY

TOLD = """
import gc
from api.garbage import collect_seldom
there = [object() for _ in range(100)], {"a": [1]}
before = len(gc.get_objects())
collect_seldom()
print(gc.get_freeze_count() > before - 1_000, len(gc.get_objects()) < 1_000, gc.isenabled())
print(gc.get_threshold())
"""


def test_what_is_there_at_the_start_is_not_looked_through_again_and_the_rest_seldom() -> None:
    # In a process of its own: the tests themselves rely on garbage being collected soon.
    told = subprocess.run(
        [sys.executable, "-c", TOLD], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert told.stdout == "True True True\n(10000, 10, 10)\n"
