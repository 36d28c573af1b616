"""What waits for one client: the newest value of each key, and a bounded number of lasting messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from api.live.messages import Error, Message, reply

LASTING_MESSAGES = 1_000
REPLIES = 16
BATCH_BYTES = 32_768


class Outbox:
    """Messages that a client has not been given yet; the slower it is, the more of them give way.

    A message replaces the waiting one of its key, in its place. Lasting messages (final candles, alerts)
    beyond `lasting_messages` push out the oldest, and the client is told how many. So what waits is bounded
    by what the client follows, not by how long it reads nothing.
    """

    def __init__(self, lasting_messages: int = LASTING_MESSAGES) -> None:
        self._limit = lasting_messages
        self._replies: deque[Message] = deque()
        self._lasting: dict[Hashable, Message] = {}
        self._newest: dict[Hashable, Message] = {}
        self._dropped_untold = 0
        self.conflated = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._replies) + len(self._lasting) + len(self._newest)

    @property
    def is_full_of_replies(self) -> bool:
        """Whether the client has so many answers to read that no further request of it is taken."""
        return len(self._replies) >= REPLIES

    def answer(self, message: Message) -> None:
        """Add the reply to a request; the caller reads no further requests while there are too many."""
        self._replies.append(message)

    def put(self, message: Message) -> None:
        """Add a message of what the client follows."""
        waiting = self._lasting if message.lasting else self._newest
        if message.key in waiting:
            self.conflated += 1
        elif message.lasting and len(waiting) >= self._limit:
            del waiting[next(iter(waiting))]
            self.dropped += 1
            self._dropped_untold += 1
        waiting[message.key] = message
        ended = self._newest.get(message.ends)
        if ended is not None and not ended.is_later_than(message):
            del self._newest[message.ends]
            self.conflated += 1

    def forget(self, key: Hashable) -> None:
        """Remove the waiting newest value of a key that is no longer followed."""
        self._newest.pop(key, None)

    def take(self, batch_bytes: int = BATCH_BYTES) -> list[Message]:
        """Remove the messages that come next, of about so many bytes; none when nothing waits.

        Replies come first, then lasting messages in their order, then newest values, longest waiting first.
        """
        batch: list[Message] = []
        size = 0
        if self._dropped_untold:
            self._replies.append(reply(_too_slow(self._dropped_untold)))
            self._dropped_untold = 0
        while self._replies and size < batch_bytes:
            batch.append(self._replies.popleft())
            size += len(batch[-1].json)
        for waiting in (self._lasting, self._newest):
            while waiting and size < batch_bytes:
                message = waiting.pop(next(iter(waiting)))
                batch.append(message)
                size += len(message.json)
        return batch


def _too_slow(dropped: int) -> Error:
    return Error(
        "You are too slow",
        f"{dropped} final candles or alerts were dropped, because more waited for you than are kept: read "
        f"them from /api/v1/candles and /api/v1/alert-events, and follow fewer symbols or read faster.",
    )
