"""The feeds, and which of them stream: `candlewick feeds` and `candlewick stream`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from producer.api.models import FeedChange, FeedReport, Feeds
from producer.cli.client import ask
from producer.cli.completion import feed_names
from producer.cli.output import Json, show
from producer.cli.tables import count, moment, remarks, table, text
from producer.dead_letters.presentation import printable

Name = Annotated[str, typer.Argument(help="A feed from `candlewick feeds`.", autocompletion=feed_names)]


def feeds(as_json: Json = False) -> None:
    """List the feeds, what each has seen, and why those that run were chosen."""
    show(ask("GET", "/feeds", Feeds), as_json, feeds_report)


def start(name: Name, as_json: Json = False) -> None:
    """Start a feed; does nothing when it runs."""
    _change(name, "start", as_json)


def stop(name: Name, as_json: Json = False) -> None:
    """Stop a feed; does nothing when it does not run."""
    _change(name, "stop", as_json)


def feeds_report(listed: Feeds) -> RenderableType:
    """Draw the feeds under the reason of the choice."""
    return Group(Text(printable(f"Chosen at start: {listed.choice}")), Text(), feeds_table(listed.feeds))


def feeds_table(known: Mapping[str, FeedReport]) -> RenderableType:
    """Draw a row a feed, and beneath them what there is to say of one."""
    drawn = table(
        {
            "Feed": "name",
            "State": "name",
            "Events": "number",
            "Gaps": "number",
            "Reconnects": "number",
            "Last event (UTC)": "words",
            "Circuit": "name",
        },
        (
            (
                name,
                feed.state,
                count(feed.events),
                count(feed.gaps),
                count(feed.reconnects),
                moment(feed.last_event_time),
                feed.circuit,
            )
            for name, feed in known.items()
        ),
    )
    said = {
        name: " ".join(filter(None, (feed.last_error, feed.detail, *feed.left_out.values())))
        for name, feed in known.items()
    }
    return remarks(drawn, said)


def change_sentence(change: FeedChange) -> str:
    """Say what a start or stop did."""
    done = "is now" if change.changed else "was already"
    return printable(f"{text(change.feed)} {done} {change.state}.")


def _change(name: str, verb: str, as_json: bool) -> None:
    # A name is one step of the path, whatever signs are in it.
    show(ask("POST", f"/feeds/{quote(name, safe='')}/{verb}", FeedChange), as_json, change_sentence)
