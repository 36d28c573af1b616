"""Keeps exactly one job alive in the cluster.

A session cluster forgets its jobs when its JobManager dies. Checkpoints outlive it, so a new job from the
newest one is the same job going on.
"""

import logging
import subprocess
import sys
import threading
from typing import Final

from stream_job.cluster import JOB_NAME, FlinkCluster, Job
from stream_job.errors import ClusterUnavailableError
from stream_job.settings import JobSettings

logger = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 2.0
# The connector's word for it. Started again, the job would move the whole stream to the dead letters.
DROWNED: Final = "TooManyDeadLettersException"


class Watch:
    """Looks at the cluster every two seconds until `stop` is set."""

    def __init__(self, settings: JobSettings, stop: threading.Event) -> None:
        self._settings = settings
        self._stop = stop
        self._state: str | None = None

    def run(self) -> None:
        """Watch until stopped. A cluster that does not answer is waited for."""
        with FlinkCluster(self._settings.rest_url) as cluster:
            while not self._stop.is_set():
                try:
                    self._look(cluster)
                except ClusterUnavailableError as error:
                    self._say(str(error))
                self._stop.wait(PERIOD_SECONDS)

    def _look(self, cluster: FlinkCluster) -> None:
        jobs = cluster.alive(JOB_NAME)
        if not jobs:
            # Without slots the job would only use up its restarts.
            if cluster.slots() < self._settings.flink_parallelism:
                self._say("waiting for a TaskManager with free slots")
                return
            if self._was_drowned(cluster):
                self._say(
                    "the job gave up because nearly everything in its queues is undecodable, so it is not "
                    "submitted again: mend what publishes there, then run `python -m stream_job submit`"
                )
                return
            self._say("no job runs: submitting one")
            self._submit()
            return
        self._say(f"job {jobs[0].job_id} is {jobs[0].state}")
        self._end_surplus(cluster, jobs[1:])

    def _was_drowned(self, cluster: FlinkCluster) -> bool:
        last = cluster.newest_ended(JOB_NAME)
        return last is not None and last.state == "FAILED" and DROWNED in cluster.failure(last)

    def _end_surplus(self, cluster: FlinkCluster, jobs: list[Job]) -> None:
        for job in jobs:
            logger.error("job %s is a second %s: cancelling it", job.job_id, JOB_NAME)
            cluster.cancel(job)

    def _submit(self) -> None:
        # In a process of its own: the client's JVM takes 300 MB that the watch would keep for months.
        result = subprocess.run([sys.executable, "-m", "stream_job", "submit"], check=False)
        if result.returncode != 0:
            logger.error("the job could not be submitted (exit code %d): trying again", result.returncode)

    def _say(self, state: str) -> None:
        if state != self._state:
            logger.info(state)
            self._state = state
