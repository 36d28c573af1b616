"""`python -m stream_job.alert_delivery`: what the supervisor runs."""

import argparse
import asyncio
import logging
import signal
import sys

from db.settings import DatabaseSettings
from producer.broker import BrokerAddress
from producer.cancellation import cancelled
from stream_job.alert_delivery.dispatcher import Channel, Dispatcher
from stream_job.alert_delivery.letters import AlertLetters
from stream_job.alert_delivery.mail import EmailChannel
from stream_job.alert_delivery.settings import AlertSettings
from stream_job.alert_delivery.store import DeliveryStore
from stream_job.alert_delivery.webhook import WebhookChannel
from stream_job.errors import JobError

BROKER_USER = "stream_job"
# Longer than a webhook may take, and shorter than the supervisor waits.
STOP_SECONDS = 20.0
# With nothing under way it may still wait for PostgreSQL, or for another program to end.
IDLE_STOP_SECONDS = 1.0
# They would log each receiver's whole address, in which some have a secret; or what we say ourselves.
QUIET = {"httpx": logging.WARNING, "aiormq": logging.CRITICAL, "aio_pika": logging.CRITICAL}


async def deliver(settings: AlertSettings) -> None:
    """Deliver alerts by webhook and e-mail until terminated; what is under way then is brought to its end."""
    password = settings.rabbitmq_job_password.get_secret_value()
    address = BrokerAddress(
        settings.rabbitmq_host, settings.rabbitmq_port, settings.rabbitmq_vhost, BROKER_USER, password
    )
    database = DatabaseSettings()
    store = DeliveryStore(database)
    letters = AlertLetters(address, store)
    channels: dict[str, Channel] = {
        "webhook": WebhookChannel(settings.alert_webhook_secret),
        "email": EmailChannel(settings),
    }
    dispatcher = Dispatcher(database, store, channels, letters.look)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    delivering = asyncio.create_task(dispatcher.run(), name="deliveries")
    lettering = asyncio.create_task(letters.run(), name="dead letters")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({delivering, lettering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    dispatcher.stop()
    await asyncio.wait({delivering}, timeout=STOP_SECONDS if dispatcher.is_busy else IDLE_STOP_SECONDS)
    ended = {task for task in (delivering, lettering) if task.done()}
    for task in (delivering, lettering):
        await cancelled(task)
    for channel in channels.values():
        await channel.close()
    await store.close()
    for task in ended:
        task.result()


def main() -> None:
    """Run to the end, with a log line for whatever changes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    try:
        settings = AlertSettings.load()
    except JobError as error:
        sys.exit(str(error))
    asyncio.run(deliver(settings))


if __name__ == "__main__":
    argparse.ArgumentParser("python -m stream_job.alert_delivery", description=deliver.__doc__).parse_args()
    main()
