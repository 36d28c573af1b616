"""`python -m stream_job.bars`: what the supervisor runs."""

import argparse
import asyncio
import logging
import signal

from db.settings import DatabaseSettings
from producer.broker import BrokerAddress
from producer.cancellation import cancelled
from stream_job.bars.consumer import BarConsumer
from stream_job.bars.store import CandleStore
from stream_job.settings import JobSettings

BROKER_USER = "stream_job"


async def consume() -> None:
    """Consume until terminated; a message in hand then stays in its queue."""
    settings = JobSettings.load()
    password = settings.rabbitmq_job_password.get_secret_value()
    address = BrokerAddress(
        settings.rabbitmq_host, settings.rabbitmq_port, settings.rabbitmq_vhost, BROKER_USER, password
    )
    store = CandleStore(DatabaseSettings())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.create_task(BarConsumer(address, store).run(), name="bars")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        await cancelled(running)
        await store.close()
    else:
        running.result()


def main() -> None:
    """Run to the end, with a log line for whatever changes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    asyncio.run(consume())


if __name__ == "__main__":
    argparse.ArgumentParser("python -m stream_job.bars", description=consume.__doc__).parse_args()
    main()
