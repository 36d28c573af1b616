from collections.abc import Iterator

import pytest

from tests.unit.stream_job.flink import Flink, flink_server


@pytest.fixture
def flink() -> Iterator[Flink]:
    with flink_server() as flink:
        yield flink
