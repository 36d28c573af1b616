"""`python -m tests.chaos --minutes N --seed S`: a campaign on a stack of its own.

Exit code 0 when nothing was lost, duplicated or unexpected, else 1; the stack's data then stays.
"""

import random
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from tests import stack as stacks
from tests.chaos.campaign import Campaign, Outcome

console = Console(highlight=False, soft_wrap=True)


def main(
    minutes: Annotated[float, typer.Option(help="How long to kill.")] = 10.0,
    seed: Annotated[int | None, typer.Option(help="Of the market and of the kills; random without.")] = None,
    symbols: Annotated[int, typer.Option(help="How many symbols trade.")] = 10,
    events_per_second: Annotated[float, typer.Option(help="Over all symbols together.")] = 300.0,
) -> None:
    """Kill every server again and again under a stream of events; then count what became of them."""
    seed = random.randrange(100_000) if seed is None else seed
    console.print(f"Campaign of {minutes:g} minutes with seed {seed}: starting a stack")
    stack = stacks.start()
    clean = False
    try:
        began = time.monotonic()
        campaign = Campaign(stack, seed, symbols=symbols, events_per_second=events_per_second, say=_say)
        outcome = campaign.run(minutes)
        clean = outcome.is_clean
        _print(outcome, seed, time.monotonic() - began)
        if not clean:
            console.print(f"The data and logs of the stack stay in {stack.env_file.parent}")
    finally:
        stacks.stop(stack, keep=not clean)
    raise typer.Exit(not clean)


def _say(text: str) -> None:
    console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", markup=False)


def _print(outcome: Outcome, seed: int, seconds: float) -> None:
    table = Table("table", "expected", "lost", "duplicated", "unexpected", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for tally in outcome.tallies:
        counts = (tally.expected, tally.lost, tally.duplicated, tally.unexpected)
        table.add_row(tally.table, *(f"{count:,}" for count in counts))
    console.print(table)
    for tally in outcome.tallies:
        for example in tally.examples:
            console.print(f"{tally.table}: {example}", markup=False)
    for name, blows in outcome.blows.items():
        console.print(f"  {name:<18} {blows.describe()}")
    lost, duplicated, unexpected = (
        sum(getattr(tally, what) for tally in outcome.tallies)
        for what in ("lost", "duplicated", "unexpected")
    )
    kills = sum(blows.kills for blows in outcome.blows.values())
    console.print(
        f"lost {lost} / duplicated {duplicated} / unexpected {unexpected} "
        f"after {kills} kills in {seconds:.0f} s, seed {seed}"
    )


if __name__ == "__main__":
    typer.run(main)
