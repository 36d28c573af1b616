"""The stack's Flink from outside: which job runs, what it was restored from, and its processes' end."""

from pathlib import Path
from typing import Any

import httpx
import psutil

from stream_job.cluster import JOB_NAME
from tests.integration.stream_job.waiting import eventually
from tests.stack import RunningStack


class Cluster:
    """Flink's REST API, and its processes."""

    def __init__(self, stack: RunningStack) -> None:
        self._http = httpx.Client(base_url=stack.flink_url, timeout=60)
        self._var_dir = stack.var_dir

    def close(self) -> None:
        self._http.close()

    def kill(self, main_class: str) -> None:
        """End the stack's Java process of this class as a crash would: no chance to tidy up."""
        (process,) = (
            process
            for process in psutil.process_iter(["cmdline"])
            if any(word.endswith(f".{main_class}") for word in process.info["cmdline"] or ())
            and any(str(self._var_dir) in word for word in process.info["cmdline"])
        )
        process.kill()

    def running_jobs(self) -> list[str]:
        """The ids of the jobs that run; none where the cluster does not answer."""
        try:
            jobs = self._get("/jobs/overview")["jobs"]
        except httpx.HTTPError:
            return []
        return [job["jid"] for job in jobs if job["name"] == JOB_NAME and job["state"] == "RUNNING"]

    async def next_job(self, *earlier: str) -> str:
        """Wait until a job runs that is none of the earlier ones, and return its id."""
        (job,) = await eventually(
            self.running_jobs, lambda jobs: len(jobs) == 1 and not set(jobs) & set(earlier)
        )
        return job

    async def checkpoint(self, job: str) -> int:
        """Have a checkpoint made now, and return its number."""
        asked = self._http.post(f"/jobs/{job}/checkpoints", json={})
        asked.raise_for_status()
        request = asked.json()["request-id"]
        answer = await eventually(
            lambda: self._get(f"/jobs/{job}/checkpoints/{request}"),
            lambda found: found["status"]["id"] == "COMPLETED",
        )
        return int(answer["operation"]["checkpointId"])

    def restored_from(self, job: str) -> Path:
        """The checkpoint or savepoint that a job went on from."""
        path: str = self._checkpoints(job)["latest"]["restored"]["external_path"]
        return Path(path.removeprefix("file:"))

    def cancel(self, job: str) -> None:
        self._http.patch(f"/jobs/{job}", params={"mode": "cancel"}).raise_for_status()

    def _checkpoints(self, job: str) -> dict[str, Any]:
        return self._get(f"/jobs/{job}/checkpoints")

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._http.get(path)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result
