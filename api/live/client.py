"""One client of the live feeds, by whichever way it has come."""

from __future__ import annotations

import asyncio
from typing import Literal

from api.live.messages import Message
from api.live.outbox import Outbox
from api.live.topics import Topic

Kind = Literal["websocket", "sse"]


class Client:
    """One connection: what it follows, what waits for it, and how its sender is woken."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.outbox = Outbox()
        self.topics: set[Topic] = set()
        self.wake = asyncio.Event()
        self.read_replies = asyncio.Event()
        self.is_ended = False

    @property
    def symbols(self) -> set[str]:
        """The symbols that it follows, in whatever channel."""
        return {topic.symbol for topic in self.topics}

    def answer(self, message: Message) -> None:
        """Reply to a request at once."""
        self.outbox.answer(message)
        self.wake.set()

    def take(self) -> list[Message]:
        """Take what is to be sent next."""
        batch = self.outbox.take()
        self.read_replies.set()
        return batch
