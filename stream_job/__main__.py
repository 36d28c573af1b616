"""`python -m stream_job submit | watch | stop`."""

import logging
import signal
import sys
import threading
from typing import Annotated

import typer

from stream_job.cluster import JOB_NAME, FlinkCluster
from stream_job.errors import JobError, SavepointFailedError
from stream_job.settings import JobSettings
from stream_job.watch import Watch

app = typer.Typer(
    help="The streaming job: from market events to candles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def submit() -> None:
    """Submit the job from the newest checkpoint or savepoint, unless it runs already."""
    # PyFlink is large, and the watch lives for months without it.
    from stream_job import submission

    print(submission.submit(JobSettings.load()))


@app.command()
def watch() -> None:
    """Keep exactly one job alive: what the supervisor runs."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Watch(JobSettings.load(), stop).run()


@app.command()
def stop(
    or_cancel: Annotated[
        bool, typer.Option("--or-cancel", help="Where no savepoint can be made, go on from the checkpoint.")
    ] = False,
) -> None:
    """Stop the job with a savepoint, which the next submission goes on from."""
    settings = JobSettings.load()
    with FlinkCluster(settings.rest_url) as cluster:
        jobs = cluster.alive(JOB_NAME)
        for job in jobs:
            try:
                print(cluster.stop(job, settings.savepoints))
            except SavepointFailedError as error:
                if not or_cancel:
                    raise
                print(f"{error} It is cancelled now.")
                cluster.cancel(job)
        if not jobs:
            print("no job runs")


def main() -> None:
    """Run one command; an error is one sentence and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        app()
    except JobError as error:
        sys.exit(f"stream_job: {error}")


if __name__ == "__main__":
    main()
