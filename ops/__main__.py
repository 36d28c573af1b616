"""The command line behind the Makefile: `python -m ops up|upgrade|down|status|logs|reset`."""

import os
import shutil
import sys
from typing import Annotated

import typer

from ops import report
from ops.errors import OpsError
from ops.settings import env_file
from ops.stack import Stack
from ops.up import Up
from ops.upgrade import Upgrade

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Runs Candlewick on this machine.")

STATE_FOLDERS = ("postgres", "rabbitmq", "flink", "superset", "log", "run")


@app.command()
def up() -> None:
    """Start everything, or repair what is not as it should be; wait until it really answers."""
    stack = Stack.open(create=True)
    with stack.locked():
        start = Up(stack)
        start.run()
        print(report.summary(stack.settings, start.seconds))


@app.command()
def upgrade() -> None:
    """Bring a running stack to the code that is here now: stop the job with a savepoint, migrate, go on."""
    # New settings are added, but nothing is begun here.
    stack = Stack.open(create=env_file().exists())
    with stack.locked():
        upgrading = Upgrade(stack)
        upgrading.run()
        print(report.summary(stack.settings, upgrading.up.seconds))


@app.command()
def down() -> None:
    """Stop everything; the data stays."""
    stack = Stack.open(create=False)
    with stack.locked():
        _stop(stack)


def _stop(stack: Stack) -> None:
    if stack.supervisor.is_running():
        stack.supervisor.shut_down()
        print("Candlewick is down; its data stays in " + str(stack.paths.var))
    else:
        print("Candlewick is not running")


@app.command()
def status() -> None:
    """Show each program's state and address; exit code 1 when one does not run."""
    stack = Stack.open(create=False)
    states = stack.supervisor.states()
    report.print_status(stack.settings, states)
    if not states or not all(state.is_running for state in states.values()):
        raise typer.Exit(1)


@app.command()
def logs(
    program: Annotated[str | None, typer.Argument(help="one program; all of them without it")] = None,
) -> None:
    """Follow the logs."""
    stack = Stack.open(create=False)
    if program is not None and not stack.paths.log_of(program).exists():
        known = ", ".join(sorted(path.stem for path in stack.paths.log.glob("*.log")))
        raise OpsError(f"there is no log of {program}; there are: {known or 'none yet'}")
    files = [stack.paths.log_of(program)] if program else sorted(stack.paths.log.glob("*.log"))
    if not files:
        raise OpsError("there are no logs yet: 'make up' makes some")
    os.execvp("tail", ["tail", "-n", "40", "-F", *map(str, files)])  # noqa: S606 -- it takes our place


@app.command()
def reset(force: Annotated[bool, typer.Option(help="do not ask")] = False) -> None:
    """Stop everything and delete the data of all its servers; `.env` stays."""
    stack = Stack.open(create=False)
    if not force:
        typer.confirm(f"Delete all data in {stack.paths.var}?", abort=True)
    with stack.locked():
        _stop(stack)
        for name in STATE_FOLDERS:
            shutil.rmtree(stack.paths.var / name, ignore_errors=True)
    print("The data is deleted")


def main() -> None:
    """Runs the command; what goes wrong is said in a sentence, with exit code 1."""
    try:
        app()
    except OpsError as error:
        print(f"\nCandlewick: {error.render()}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
