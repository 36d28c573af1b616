"""`python -m stream_job.rebuild --symbol S --from T --to T`."""

import logging
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from db.errors import DatabaseError
from db.settings import DatabaseSettings
from stream_job.errors import JobError
from stream_job.settings import JobSettings

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def main(
    symbol: Annotated[str, typer.Option(help="As in the candles: BTC-USD.")],
    start: Annotated[
        datetime, typer.Option("--from", formats=FORMATS, help="UTC, unless it says otherwise.")
    ],
    end: Annotated[datetime, typer.Option("--to", formats=FORMATS, help="Where the range ends; exclusive.")],
) -> None:
    """Recompute a symbol's candles and indicators from its raw events, by the job's own operators.

    Candles that lie in the range as a whole are rebuilt, and the indicators from its beginning on. What the
    running job may still change is left alone.
    """
    # PyFlink is large, and `--help` comes without it.
    from stream_job.rebuild.rebuilding import rebuild

    report = rebuild(JobSettings.load(), DatabaseSettings(), symbol, _in_utc(start), _in_utc(end))
    print(report)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    try:
        app()
    except (JobError, DatabaseError) as error:
        sys.exit(f"stream_job.rebuild: {error}")
