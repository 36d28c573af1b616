"""The job that looks after what the producer needs: PostgreSQL, RabbitMQ, and who its feeds listen to."""

from __future__ import annotations

import asyncio

from producer.broker import CONNECT_TIMEOUT_SECONDS
from producer.database import Database
from producer.errors import JobFailedError
from producer.feeds import FAILED, Feeds
from producer.providers.streaming.feed import REFUSED
from producer.publisher import BrokerState, Publisher
from producer.reachability import why_unreachable


class HealthCheck:
    """Checks everything at once; providers are connected to and asked nothing, so that it costs no call."""

    def __init__(self, publisher: Publisher, database: Database, feeds: Feeds) -> None:
        self._publisher = publisher
        self._database = database
        self._feeds = feeds

    async def check(self) -> str:
        """Return what is well; raises :class:`JobFailedError` that names all that is not."""
        running = [name for name in self._feeds.names if self._feeds.is_running(name)]
        found = await asyncio.gather(
            self._faults_of_database(),
            self._faults_of_broker(),
            *(self._faults_of_provider(name) for name in running),
        )
        faults = [fault for part in found for fault in part]
        faults += self._faults_of_feeds()
        if faults:
            raise JobFailedError(" ".join(faults))
        reached = f"the servers of {', '.join(running)} are reached" if running else "no feed runs"
        return f"PostgreSQL and RabbitMQ answer; {reached}."

    async def _faults_of_database(self) -> list[str]:
        reason = await self._database.check()
        return [] if reason is None else [f"PostgreSQL is away: {reason}."]

    async def _faults_of_broker(self) -> list[str]:
        # A check that was missed is made up for at start, when the publisher has only begun to connect.
        await self._publisher.wait_tried(CONNECT_TIMEOUT_SECONDS)
        if self._publisher.died is not None:
            return [f"The publisher died: {self._publisher.died}. Restart the producer."]
        if self._publisher.state != BrokerState.CONNECTED:
            return [f"RabbitMQ is {self._publisher.state}: {self._publisher.detail}"]
        return []

    async def _faults_of_provider(self, name: str) -> list[str]:
        addresses = self._feeds.providers[name].addresses
        reasons = await asyncio.gather(*(why_unreachable(address) for address in addresses))
        return [
            f"{name} cannot be reached at {address}: {reason}."
            for address, reason in zip(addresses, reasons, strict=True)
            if reason is not None
        ]

    def _faults_of_feeds(self) -> list[str]:
        statuses = {name: self._feeds.status(name) for name in self._feeds.names}
        return [
            f"The feed {name} is {status.state}: {status.last_error}"
            for name, status in statuses.items()
            if status.state in {FAILED, REFUSED}
        ]
