"""What cannot be used, published to the dead letters as the Flink job publishes its own."""

from typing import Final

import aio_pika
from aio_pika.abc import AbstractExchange

from producer.bars import bars_message_id
from producer.dead_letters.letter import (
    EVENT_INDEX,
    ORIGINAL_MESSAGE_ID,
    REASON,
    REJECTED_AT,
    SOURCE_QUEUE,
    TRUNCATED_FROM,
)
from producer.events import clock_micros
from producer.topology import BARS_QUEUE, DEAD_LETTERS_QUEUE
from stream_job.bars.message import WHOLE_MESSAGE, Rejected

CONFIRM_TIMEOUT_SECONDS: Final = 30.0
MAX_BODY_BYTES: Final = 1 << 20
MAX_REASON_CHARACTERS: Final = 1_000


async def bury(
    exchange: AbstractExchange, rejected: Rejected, message_id: str | None, source_queue: str = BARS_QUEUE
) -> None:
    """Publish one rejected bar, or message, and return when the broker has confirmed it.

    Requeued, it goes to the queue that it names as its source.

    The exchange's channel confirms and raises what is returned. Raises one of CONNECTION_EXCEPTIONS: then
    the letter may be there all the same, and is there twice after another attempt.
    """
    headers: dict[str, str | int] = {
        REASON: rejected.reason[:MAX_REASON_CHARACTERS],
        SOURCE_QUEUE: source_queue,
        REJECTED_AT: clock_micros(),
    }
    if rejected.index is not WHOLE_MESSAGE:
        headers[EVENT_INDEX] = rejected.index
    if message_id is not None:
        headers[ORIGINAL_MESSAGE_ID] = message_id
    if len(rejected.body) > MAX_BODY_BYTES:
        headers[TRUNCATED_FROM] = len(rejected.body)
    letter = aio_pika.Message(
        rejected.body[:MAX_BODY_BYTES],
        headers=dict(headers),
        message_id=bars_message_id(rejected.body),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await exchange.publish(letter, DEAD_LETTERS_QUEUE, mandatory=True, timeout=CONFIRM_TIMEOUT_SECONDS)
