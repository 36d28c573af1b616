import shutil
from collections.abc import Iterator

import pytest

from ops.secrets import assignments, ensure_env_file
from ops.settings import TEMPLATE
from tests.stack import RunningStack, new_env_file


@pytest.fixture
def unstarted() -> Iterator[RunningStack]:
    """A stack that nobody has started yet."""
    file = new_env_file()
    ensure_env_file(file, TEMPLATE)
    yield RunningStack(file, assignments(file.read_text()))
    shutil.rmtree(file.parent)
