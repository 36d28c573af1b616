"""When the watch submits the job, and when it leaves the cluster alone."""

import logging
import threading
from collections.abc import Callable, Iterator
from logging.handlers import QueueHandler
from queue import SimpleQueue

import pytest

from stream_job.settings import JobSettings
from stream_job.watch import Watch
from tests.unit.stream_job.flink import Flink

StartWatch = Callable[[], None]
Said = Callable[[str], None]


@pytest.fixture
def said() -> Iterator[Said]:
    """Waits until the watch has said something; every word of it is heard once."""
    words: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = QueueHandler(words)
    logger = logging.getLogger("stream_job.watch")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def wait(text: str) -> None:
        while text not in words.get(timeout=60).getMessage():
            pass

    yield wait
    logger.removeHandler(handler)


@pytest.fixture
def start_watch(flink: Flink, said: Said) -> Iterator[StartWatch]:
    """Starts the watch of a cluster; it ends with the test."""
    host, port = flink.url.removeprefix("http://").split(":")
    settings = JobSettings(flink_host=host, flink_rest_port=int(port), flink_parallelism=2)
    stop = threading.Event()
    thread = threading.Thread(target=Watch(settings, stop).run)
    yield thread.start
    stop.set()
    thread.join()


def test_a_job_that_runs_is_left_alone(flink: Flink, start_watch: StartWatch, said: Said) -> None:
    flink.has_jobs(a="RUNNING")
    start_watch()
    said("job a is RUNNING")
    assert set(flink.asked) == {"GET /jobs/overview"}


def test_a_second_job_is_cancelled_and_the_first_goes_on(flink: Flink, start_watch: StartWatch) -> None:
    flink.has_jobs(ended="FINISHED", first="RUNNING", second="RUNNING")
    flink.answers["/jobs/second"] = {}
    start_watch()
    flink.wait_until_asked("PATCH /jobs/second?mode=cancel")
    assert [request for request in flink.asked if request.startswith("PATCH")] == [
        "PATCH /jobs/second?mode=cancel"
    ]


def test_it_waits_for_as_many_slots_as_the_job_needs(
    flink: Flink, start_watch: StartWatch, said: Said
) -> None:
    flink.has_jobs()
    flink.answers["/overview"] = {"slots-total": 1}
    start_watch()
    said("waiting for a TaskManager with free slots")


def test_a_job_that_gave_up_on_undecodable_queues_is_not_submitted_again(
    flink: Flink, start_watch: StartWatch, said: Said
) -> None:
    flink.has_jobs(earlier="CANCELED", a="FAILED")
    flink.answers["/overview"] = {"slots-total": 2}
    trace = "io.candlewick.connector.rabbitmq.source.reader.TooManyDeadLettersException: 600 of 1000"
    flink.answers["/jobs/a/exceptions"] = {"exceptionHistory": {"entries": [{"stacktrace": trace}]}}
    start_watch()
    said("it is not submitted again: mend what publishes there")


def test_a_cluster_that_does_not_answer_is_waited_for(
    flink: Flink, start_watch: StartWatch, said: Said
) -> None:
    start_watch()
    said("does not answer")
    flink.has_jobs(a="RUNNING")
    said("job a is RUNNING")
