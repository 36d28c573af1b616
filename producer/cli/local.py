"""What does its work itself, without the producer: `candlewick backfill` and `candlewick replay`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from producer import replay as replaying
from producer.backfill import command as backfilling
from producer.cli.output import wants_json

Options = ParamSpec("Options")


def _for_programs(command: Callable[Options, None]) -> Callable[Options, None]:
    """Return the command, which prints JSON also when no person is looking."""

    @wraps(command)
    def run(*arguments: Options.args, **options: Options.kwargs) -> None:
        options["as_json"] = wants_json(bool(options["as_json"]))
        command(*arguments, **options)

    return run


backfill = _for_programs(backfilling.main)
replay = _for_programs(replaying.main)
