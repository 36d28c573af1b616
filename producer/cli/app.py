"""All commands of `candlewick` under one name, each with an example."""

from __future__ import annotations

import typer

from producer.cli.alerts import app as alerts
from producer.cli.feeds import feeds, start, stop
from producer.cli.fetch import fetch
from producer.cli.history import gaps, runs
from producer.cli.keys import app as keys
from producer.cli.local import backfill, replay
from producer.cli.providers import providers
from producer.cli.schedule import app as schedule
from producer.cli.status import status
from producer.cli.symbols import app as symbols
from producer.dead_letters.commands import app as dead_letters
from stream_job.forecasts.commands import app as forecasts

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="candlewick",
    help="The market-data platform from the shell: tables for a person, JSON for a program.",
    epilog="Example: candlewick status",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)
stream = typer.Typer(
    help="Start and stop feeds.", epilog="Example: candlewick stream start kraken", no_args_is_help=True
)

for command, example in (
    (status, "status --json"),
    (providers, "providers"),
    (feeds, "feeds"),
    (fetch, "fetch AAPL MSFT --provider fmp"),
    (backfill, "backfill BTC-USD --provider coinbase --interval 1m --from 2025-01-01"),
    (runs, "runs --kind backfill --status failed"),
    (gaps, "gaps --symbol BTC-USD --open"),
    (replay, "replay session.log.gz --format coinbase --speed max --shift-to-now"),
):
    app.command(example.split()[0], epilog=f"Example: candlewick {example}")(command)

stream.command(epilog="Example: candlewick stream start kraken")(start)
stream.command(epilog="Example: candlewick stream stop simulator")(stop)
app.add_typer(stream, name="stream")
app.add_typer(symbols, name="symbols", epilog="Example: candlewick symbols")
app.add_typer(schedule, name="schedule", epilog="Example: candlewick schedule")
app.add_typer(keys, name="keys", epilog="Example: candlewick keys")
app.add_typer(alerts, name="alerts")
app.add_typer(dead_letters, name="dead-letters", epilog="Example: candlewick dead-letters show 3")
app.add_typer(forecasts, name="forecast", epilog="Example: candlewick forecast list")
