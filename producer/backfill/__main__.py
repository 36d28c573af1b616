"""Fetches bars of the past: `python -m producer.backfill SYMBOL... --provider NAME --from DATE`."""

import typer

from producer.backfill.command import main

if __name__ == "__main__":
    typer.run(main)
