"""Who follows what, and the way of a message to all of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable

from api.live.client import Client, Kind
from api.live.messages import Candle, Feed, FeedState, Message, candle_message, feed_message
from api.live.ticks import NewestTicks, StreamEvent, break_message, breaks, tick_message
from api.live.topics import CHANNELS, Channel, Topic

# Clients are woken together, so that what came within one pause is one write each.
PAUSE_SECONDS = 0.025
LAGS = 10_000


class Hub:
    """All clients of this process; everything happens on its event loop."""

    def __init__(self, max_clients: int) -> None:
        self.max_clients = max_clients
        self.clients: set[Client] = set()
        self.ticks = NewestTicks()
        self.sent: Counter[Kind] = Counter()
        self.lags: deque[float] = deque(maxlen=LAGS)
        self.feeds: dict[Channel, Feed] = {
            channel: Feed(channel, "stale", "Not connected yet.") for channel in CHANNELS
        }
        self._followers: dict[Topic, set[Client]] = {}
        self._candles: dict[Topic, Message] = {}
        self._left: Counter[str] = Counter()
        self._dirty: set[Client] = set()
        self._published = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether no further client is taken."""
        return len(self.clients) >= self.max_clients

    @property
    def conflated(self) -> int:
        """How many messages gave way to a newer one of the same key, over all clients so far."""
        return self._left["conflated"] + sum(client.outbox.conflated for client in self.clients)

    @property
    def dropped(self) -> int:
        """How many lasting messages were dropped, over all clients so far."""
        return self._left["dropped"] + sum(client.outbox.dropped for client in self.clients)

    def join(self, kind: Kind) -> Client:
        """Take in a client."""
        client = Client(kind)
        self.clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a client and what it followed."""
        self.unsubscribe(client, list(client.topics))
        self.clients.discard(client)
        self._dirty.discard(client)
        self._left.update(conflated=client.outbox.conflated, dropped=client.outbox.dropped)

    def end_clients(self) -> None:
        """Let every client's sender end."""
        for client in self.clients:
            client.is_ended = True
            client.wake.set()

    def followed(self, channel: Channel) -> list[Topic]:
        """Return the topics of a channel that somebody follows."""
        return [topic for topic in self._followers if topic.channel == channel]

    def subscribe(self, client: Client, topics: Iterable[Topic]) -> None:
        """Let a client follow topics; the state of their channels and the newest of each come at once."""
        chosen = list(topics)
        for channel in dict.fromkeys(topic.channel for topic in chosen):
            client.outbox.put(feed_message(self.feeds[channel]))
        for topic in chosen:
            client.topics.add(topic)
            self._followers.setdefault(topic, set()).add(client)
            if (newest := self._newest(topic)) is not None:
                client.outbox.put(newest)
        client.wake.set()

    def unsubscribe(self, client: Client, topics: Iterable[Topic]) -> None:
        """Let a client no longer follow topics; those that it does not follow are left alone."""
        for topic in topics:
            client.topics.discard(topic)
            followers = self._followers.get(topic, set())
            followers.discard(client)
            if not followers:
                self._followers.pop(topic, None)
                self._candles.pop(topic, None)
            if topic.channel == "ticks":
                client.outbox.forget(("tick", topic.symbol))
            elif topic.channel == "candles":
                client.outbox.forget(("candle", topic.symbol, topic.interval))

    def publish(self, topic: Topic, message: Message) -> None:
        """Give a message to those who follow its topic, when the pause is over."""
        followers = self._followers.get(topic)
        if followers:
            for client in followers:
                client.outbox.put(message)
            self._wake_later(followers)

    def publish_events(self, events: list[StreamEvent], received: float) -> None:
        """Take the events of a message of the stream, received at a time of the monotonic clock."""
        for symbol, event in self.ticks.add(events).items():
            topic = Topic("ticks", symbol)
            if topic in self._followers:
                self.publish(topic, tick_message(symbol, event, received))
        for symbol, event in breaks(events).items():
            self.publish(Topic("ticks", symbol), break_message(symbol, event))

    def publish_candle(self, candle: Candle, read: float, *, is_newest: bool) -> None:
        """Take a candle that has changed; the newest of a topic is what later subscribers begin with."""
        topic = Topic("candles", candle.symbol, candle.interval)
        if topic in self._followers:
            message = candle_message(candle, read)
            if is_newest:
                self._candles[topic] = message
            self.publish(topic, message)

    def has_candle(self, topic: Topic) -> bool:
        """Whether later subscribers of a topic begin with a candle."""
        return topic in self._candles

    def set_feed(self, channel: Channel, state: FeedState, detail: str) -> None:
        """Note how a channel stands, and tell those who follow it when that is new."""
        if self.feeds[channel].state == state:
            return
        self.feeds[channel] = Feed(channel, state, detail)
        message = feed_message(self.feeds[channel])
        followers = {
            client
            for topic, clients in self._followers.items()
            if topic.channel == channel
            for client in clients
        }
        for client in followers:
            client.outbox.put(message)
        self._wake_later(followers)

    def note_sent(self, client: Client, batch: list[Message]) -> None:
        """Count what was given to the operating system, and how old it was."""
        self.sent[client.kind] += len(batch)
        self.lags.append(time.monotonic() - min(message.born for message in batch))

    async def wake_clients(self) -> None:
        """Wake those for whom something waits, all of them together, and then pause; never returns."""
        while True:
            await self._published.wait()
            self._published.clear()
            for client in self._dirty:
                client.wake.set()
            self._dirty.clear()
            await asyncio.sleep(PAUSE_SECONDS)

    def _wake_later(self, clients: Iterable[Client]) -> None:
        self._dirty.update(clients)
        self._published.set()

    def _newest(self, topic: Topic) -> Message | None:
        if topic.channel == "candles":
            return self._candles.get(topic)
        if topic.channel == "ticks" and (event := self.ticks.of(topic.symbol)) is not None:
            return tick_message(topic.symbol, event, time.monotonic())
        return None
