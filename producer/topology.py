"""The queues: declared here, by the producer, and by nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aio_pika.exceptions import ChannelPreconditionFailed

from producer.errors import TopologyMismatchError
from producer.sharding import event_queue

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection

    from producer.settings import ProducerSettings

DEAD_LETTERS_QUEUE = "market.dead-letters"
BARS_QUEUE = "market.bars"
# Alerts that a person has requeued from the dead letters.
ALERTS_QUEUE = "market.alerts"

# Retention drops whole segments: 100 MB keeps a shard's floor low and its files few.
STREAM_SEGMENT_BYTES = 100_000_000


@dataclass(frozen=True)
class Topology:
    """How many stream queues there are, and how long and how much each keeps."""

    shards: int
    retention_age: str
    retention_bytes: int

    @classmethod
    def from_settings(cls, settings: ProducerSettings) -> Topology:
        """Take the topology from the settings."""
        return cls(settings.event_shards, settings.events_retention_age, settings.events_retention_bytes)

    @property
    def event_queues(self) -> list[str]:
        """The names of the stream queues, by shard."""
        return [event_queue(shard) for shard in range(self.shards)]

    async def declare(self, connection: AbstractConnection) -> None:
        """Declare every queue; those that exist with the same arguments stay as they are.

        Raises :class:`TopologyMismatchError` for one that exists with others.
        """
        stream: dict[str, str | int] = {
            "x-queue-type": "stream",
            "x-max-age": self.retention_age,
            "x-max-length-bytes": self.retention_bytes,
            "x-stream-max-segment-size-bytes": STREAM_SEGMENT_BYTES,
        }
        for queue in self.event_queues:
            await _declare(connection, queue, stream)
        for queue in (DEAD_LETTERS_QUEUE, BARS_QUEUE, ALERTS_QUEUE):
            await _declare(connection, queue, {"x-queue-type": "quorum"})


async def _declare(connection: AbstractConnection, queue: str, arguments: dict[str, str | int]) -> None:
    # A refused declaration closes its channel, so each queue is declared on one of its own.
    channel = await connection.channel()
    try:
        await channel.declare_queue(queue, durable=True, arguments=dict(arguments))
    except ChannelPreconditionFailed as error:
        raise TopologyMismatchError(
            f"Queue {queue!r} exists with other arguments than the configured {arguments}: {error}. "
            f"RabbitMQ cannot change a queue's arguments: set EVENTS_RETENTION_AGE and "
            f"EVENTS_RETENTION_BYTES back, or delete the queue once the job has read it to its end."
        ) from error
    finally:
        if not channel.is_closed:
            await channel.close()
