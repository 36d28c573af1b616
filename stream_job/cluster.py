"""The Flink cluster, over its REST API: which jobs there are, and how to end one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from stream_job.errors import ClusterUnavailableError, SavepointFailedError

JOB_NAME: Final = "candlewick"
ENDED: Final = frozenset({"FINISHED", "CANCELED", "FAILED"})
SAVEPOINT_SECONDS: Final = 300


@dataclass(frozen=True)
class Job:
    """One job of the cluster; `started_at` in milliseconds since the epoch."""

    job_id: str
    name: str
    state: str
    started_at: int

    @property
    def is_alive(self) -> bool:
        """Whether it runs, or the cluster is about to make it run."""
        return self.state not in ENDED


class FlinkCluster:
    """A client of one cluster's REST API."""

    def __init__(self, rest_url: str) -> None:
        self._http = httpx.Client(base_url=rest_url, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def alive(self, name: str) -> list[Job]:
        """The jobs of this name that have not ended, the oldest first.

        Raises:
            ClusterUnavailableError: the cluster does not answer.
        """
        return sorted((job for job in self._jobs(name) if job.is_alive), key=lambda job: job.started_at)

    def newest_ended(self, name: str) -> Job | None:
        """The job of this name that ended last, or None where none has ended.

        Raises:
            ClusterUnavailableError: the cluster does not answer.
        """
        ended = [job for job in self._jobs(name) if not job.is_alive]
        return max(ended, key=lambda job: job.started_at, default=None)

    def failure(self, job: Job) -> str:
        """Why a job failed, as Flink's stack trace; empty where it did not.

        Raises:
            ClusterUnavailableError: the cluster does not answer.
        """
        history = self._request("GET", f"/jobs/{job.job_id}/exceptions?maxExceptions=1")["exceptionHistory"]
        return str(history["entries"][0]["stacktrace"]) if history["entries"] else ""

    def slots(self) -> int:
        """How many slots the registered TaskManagers offer.

        Raises:
            ClusterUnavailableError: the cluster does not answer.
        """
        return int(self._request("GET", "/overview")["slots-total"])

    def cancel(self, job: Job) -> None:
        """End a job at once; its retained checkpoint stays."""
        self._request("PATCH", f"/jobs/{job.job_id}?mode=cancel")

    def stop(self, job: Job, folder: Path) -> str:
        """End a job with a savepoint below `folder`; returns where it is.

        Raises:
            SavepointFailedError: the job failed to, or took longer than five minutes.
        """
        body = {"targetDirectory": folder.as_uri(), "drain": False}
        trigger = self._request("POST", f"/jobs/{job.job_id}/stop", body)["request-id"]
        wait = Retrying(
            stop=stop_after_delay(SAVEPOINT_SECONDS),
            wait=wait_fixed(0.5),
            retry=retry_if_result(lambda answer: answer["status"]["id"] != "COMPLETED"),
            retry_error_callback=lambda state: {
                "operation": {"failure-cause": {"class": "it took too long"}}
            },
        )
        answer = wait(self._request, "GET", f"/jobs/{job.job_id}/savepoints/{trigger}")
        if "location" not in answer["operation"]:
            reason = answer["operation"]["failure-cause"]["class"]
            raise SavepointFailedError(
                f"Job {job.job_id} did not stop with a savepoint: {reason}. The JobManager's log says why; "
                "the job goes on from its newest checkpoint at the next start."
            )
        return str(answer["operation"]["location"])

    def _jobs(self, name: str) -> list[Job]:
        rows = self._request("GET", "/jobs/overview")["jobs"]
        jobs = [Job(row["jid"], row["name"], row["state"], row["start-time"]) for row in rows]
        return [job for job in jobs if job.name == name]

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ClusterUnavailableError(
                f"Flink at {self._http.base_url} does not answer ({error}): is it up? `make status` tells."
            ) from error
        result: dict[str, Any] = answer.json() if answer.content else {}
        return result
