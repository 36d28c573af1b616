"""Submits the job to the cluster, from the newest checkpoint or savepoint."""

import logging
import sys

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway

from stream_job import pipeline, restore_point
from stream_job.cluster import JOB_NAME, FlinkCluster
from stream_job.errors import ConnectorMissingError
from stream_job.restore_point import RestorePoint
from stream_job.settings import JobSettings

logger = logging.getLogger(__name__)


def submit(settings: JobSettings) -> str:
    """Submit the job unless it is there already; returns the id of the job that runs.

    Raises:
        ClusterUnavailableError: Flink does not answer.
        ConnectorMissingError: the connector jar is not built.
    """
    with FlinkCluster(settings.rest_url) as cluster:
        if running := cluster.alive(JOB_NAME):
            logger.info("job %s is there already", running[0].job_id)
            return running[0].job_id
    if not settings.connector_jar.is_file():
        raise ConnectorMissingError(f"{settings.connector_jar} is missing: `make install` builds it.")
    point = restore_point.newest(settings.checkpoints, settings.savepoints)
    environment = remote_environment(configuration(settings, point))
    environment.add_jars(settings.connector_jar.resolve().as_uri())
    pipeline.build(environment, settings)
    job_id = str(environment.execute_async(JOB_NAME).get_job_id())
    logger.info("submitted job %s from %s", job_id, point.path if point else "the beginning of the streams")
    return job_id


def remote_environment(configuration: Configuration) -> StreamExecutionEnvironment:
    """An environment whose jobs go to the cluster that the configuration names.

    PyFlink's own factory makes a cluster inside this process, whatever `execution.target` says.
    """
    environment = get_gateway().jvm.org.apache.flink.streaming.api.environment
    java = configuration._j_configuration  # noqa: SLF001  # There is no public way to Java's environment.
    return StreamExecutionEnvironment(environment.StreamExecutionEnvironment(java))


def configuration(settings: JobSettings, point: RestorePoint | None) -> Configuration:
    """How this job runs, over what the cluster's own configuration says."""
    options = {
        "execution.target": "remote",
        "rest.address": settings.flink_host,
        "rest.port": str(settings.flink_rest_port),
        "parallelism.default": str(settings.flink_parallelism),
        "pipeline.max-parallelism": "128",
        # Events are immutable and each operator copies what it keeps: nothing to copy between chained ones.
        "pipeline.object-reuse": "true",
        # Python inside the TaskManager: a candle waits for no other process.
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "state.backend.type": "hashmap",
        "execution.checkpointing.interval": f"{settings.job_checkpoint_seconds} s",
        "execution.checkpointing.timeout": "10 min",
        "execution.checkpointing.dir": settings.checkpoints.as_uri(),
        "execution.checkpointing.savepoint-dir": settings.savepoints.as_uri(),
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        # An outage of the database makes checkpoints fail; it must not fail the job.
        "execution.checkpointing.tolerable-failed-checkpoints": "1000",
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "1 s",
        "restart-strategy.exponential-delay.max-backoff": "30 s",
    }
    if point is not None:
        options["execution.state-recovery.path"] = point.path.as_uri()
        options["execution.state-recovery.claim-mode"] = point.claim_mode
    result = Configuration()
    for key, value in options.items():
        result.set_string(key, value)
    return result
