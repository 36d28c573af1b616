"""What Flink's REST API says, as the job's commands understand it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_job.cluster import FlinkCluster, Job
from stream_job.errors import ClusterUnavailableError, SavepointFailedError
from tests.unit.stream_job.flink import Flink

JOB = Job("a", "candlewick", "RUNNING", 0)


@pytest.fixture
def cluster(flink: Flink) -> Iterator[FlinkCluster]:
    with FlinkCluster(flink.url) as cluster:
        yield cluster


def test_jobs_that_have_ended_are_not_alive(flink: Flink, cluster: FlinkCluster) -> None:
    flink.has_jobs(a="FAILED", b="RESTARTING", c="CANCELED", d="FINISHED", e="RUNNING", f="CANCELLING")
    assert [job.job_id for job in cluster.alive("candlewick")] == ["b", "e", "f"]
    newest = cluster.newest_ended("candlewick")
    assert newest is not None
    assert newest.job_id == "d"


def test_jobs_of_another_name_do_not_count(flink: Flink, cluster: FlinkCluster) -> None:
    flink.has_jobs(a="RUNNING", b="FAILED")
    assert cluster.alive("another") == []
    assert cluster.newest_ended("another") is None


def test_a_job_that_has_not_failed_has_no_failure(flink: Flink, cluster: FlinkCluster) -> None:
    flink.answers["/jobs/a/exceptions"] = {"exceptionHistory": {"entries": []}}
    assert cluster.failure(JOB) == ""


def test_a_stop_waits_for_its_savepoint(flink: Flink, cluster: FlinkCluster) -> None:
    flink.answers["/jobs/a/stop"] = {"request-id": "t"}
    flink.answers["/jobs/a/savepoints/t"] = [
        {"status": {"id": "IN_PROGRESS"}, "operation": None},
        {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/savepoints/savepoint-a"}},
    ]
    assert cluster.stop(JOB, Path("/savepoints")) == "file:/savepoints/savepoint-a"


def test_a_stop_that_fails_says_why(flink: Flink, cluster: FlinkCluster) -> None:
    flink.answers["/jobs/a/stop"] = {"request-id": "t"}
    failure = {"failure-cause": {"class": "CheckpointException"}}
    flink.answers["/jobs/a/savepoints/t"] = {"status": {"id": "COMPLETED"}, "operation": failure}
    with pytest.raises(SavepointFailedError, match="did not stop with a savepoint: CheckpointException"):
        cluster.stop(JOB, Path("/savepoints"))


def test_a_cluster_that_refuses_or_is_not_there_is_named(flink: Flink, cluster: FlinkCluster) -> None:
    with pytest.raises(ClusterUnavailableError, match=r"Flink at http://127\.0\.0\.1:\d+.* does not answer"):
        cluster.slots()
    with (
        FlinkCluster("http://127.0.0.1:1") as nowhere,
        pytest.raises(ClusterUnavailableError, match="`make status` tells"),
    ):
        nowhere.slots()
