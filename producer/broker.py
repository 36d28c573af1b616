"""Where the broker is, how to connect to it, and how to say why that failed."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    AMQPConnectionError,
    AuthenticationError,
    InvalidFrameError,
    ProbableAuthenticationError,
    PublishError,
)

from producer.settings import ProducerSettings

BROKER_USER = "producer"
PASSWORD_SETTINGS = {
    BROKER_USER: "RABBITMQ_PRODUCER_PASSWORD",
    "stream_job": "RABBITMQ_JOB_PASSWORD",
    "api": "RABBITMQ_API_PASSWORD",
}
CONNECT_TIMEOUT_SECONDS = 10.0
BROKER_HEARTBEAT_SECONDS = 10  # a silent peer is noticed within two of these
NO_SUCH_HOST = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_AGAIN}


class OwnConnection(aio_pika.Connection):
    """A connection that is closed by whoever opened it, and by nobody else.

    The library's own closes itself when it is collected, even one that never came about: then a coroutine is
    left that nobody awaits.
    """

    def __del__(self) -> None:
        """Do nothing."""


class HungUpError(ConnectionError):
    """The other side closed a connection that was not open yet."""


@dataclass(frozen=True)
class BrokerAddress:
    """Where the broker is and who we are there; the password never shows in a repr or a log."""

    host: str
    port: int
    virtual_host: str
    user: str
    password: str

    @classmethod
    def from_settings(cls, settings: ProducerSettings) -> BrokerAddress:
        """Take the broker's address from the settings."""
        password = settings.rabbitmq_producer_password.get_secret_value()
        return cls(
            settings.rabbitmq_host, settings.rabbitmq_port, settings.rabbitmq_vhost, BROKER_USER, password
        )

    def __repr__(self) -> str:
        return f"amqp://{self.user}@{self.host}:{self.port}/{self.virtual_host}"

    async def connect(self) -> AbstractConnection:
        """Open a plain connection: who reconnects is decided here, not in the library."""
        connecting = asyncio.create_task(self._connect(), name="connect to the broker")
        try:
            return await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # A connect cancelled half-way leaves an open socket to the garbage collector.
            with suppress(*CONNECTION_EXCEPTIONS):
                await (await connecting).close()
            raise

    async def _connect(self) -> AbstractConnection:
        try:
            return await aio_pika.connect(
                connection_class=OwnConnection,
                host=self.host,
                port=self.port,
                login=self.user,
                password=self.password,
                virtualhost=self.virtual_host,
                timeout=CONNECT_TIMEOUT_SECONDS,
                heartbeat=BROKER_HEARTBEAT_SECONDS,
                client_properties={"connection_name": f"candlewick-{self.user.replace('_', '-')}"},
            )
        except AMQPConnectionError as error:
            if isinstance(error.__cause__, (asyncio.IncompleteReadError, ConnectionResetError)):
                raise HungUpError from error
            raise


async def until_closed(channel: AbstractChannel) -> NoReturn:
    """Wait until the channel is closed, which is then raised as :class:`ConnectionError`.

    A connection that is lost closes its channels; it does not itself end ``connection.closed()``.
    """
    await channel.closed()
    raise ConnectionError("the connection was closed")


def first_of_group(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first plain exception in a group, however deep."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def connection_fault(error: BaseException, user: str = BROKER_USER) -> str:
    """Say in a clause why a user's connection to the broker was not made, or ended."""
    match error:
        case PublishError():
            return "a message was returned, its queue is missing"
        case AuthenticationError() | ProbableAuthenticationError():
            return f"the log-in of user {user!r} was refused, check {PASSWORD_SETTINGS[user]}"
        # The library expects Connection.OpenOk where the broker says why it closes.
        case InvalidFrameError() if "Connection.OpenOk" in str(error):
            return f"the virtual host is missing or closed to user {user!r}, check RABBITMQ_VHOST"
        case HungUpError():
            return (
                "who listens there hung up before speaking AMQP: the broker is starting or stopping, or "
                "RABBITMQ_PORT is not its plain AMQP port"
            )
        case OSError(errno=errno.ECONNREFUSED):
            return "nobody listens there, check that RabbitMQ runs, RABBITMQ_HOST and RABBITMQ_PORT"
        case OSError(errno=number) if number in NO_SUCH_HOST:
            return "there is no such host, check RABBITMQ_HOST"
        case TimeoutError():
            return "no answer in time"
    return str(error).rstrip(".") or type(error).__name__
