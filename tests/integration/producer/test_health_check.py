"""The job that checks what the producer needs, at no call's cost."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.database import Database
from producer.errors import JobFailedError
from producer.feeds import Feeds
from producer.journal import RunJournal
from producer.providers import fmp
from producer.providers.protocol import Provider
from producer.publisher import BrokerState
from producer.quota.ledger import QuotaLedger
from producer.resume import PublishedBefore
from producer.schedule.health import HealthCheck
from producer.settings import ProducerSettings
from tests.answers import Answer, AnswerServer
from tests.integration.producer.conftest import KEY, Serve, StartPublisher
from tests.integration.producer.waiting import WAIT_SECONDS, until
from tests.simulated_clock import SimulatedClock

# New York is closed, so that the feed itself asks for nothing.
SUNDAY = datetime(2024, 11, 24, 12, tzinfo=UTC)


def polled(settings: ProducerSettings, url: str, database: Database) -> Provider:
    """A provider whose calls are few."""
    changes = {"fmp_api_key": SecretStr(uuid.uuid4().hex), "fmp_base_url": url}
    clock = SimulatedClock(SUNDAY, SUNDAY + timedelta(hours=1))
    return fmp.provider(settings.model_copy(update=changes), QuotaLedger(database), clock)


async def test_what_is_well_is_said_and_no_call_of_a_quota_is_spent(
    settings: ProducerSettings,
    database: Database,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
) -> None:
    async with AnswerServer(lambda _: Answer("[]")) as server:
        provider = polled(settings, server.url, database)
        publisher = await start_publisher()
        feeds = Feeds({"fmp": provider}, publisher, published_before, database, RunJournal(database))
        check = HealthCheck(publisher, database, feeds).check
        assert await check() == "PostgreSQL and RabbitMQ answer; no feed runs."
        feeds.start("fmp")
        assert await check() == "PostgreSQL and RabbitMQ answer; the servers of fmp are reached."
        assert server.questions == []
        assert provider.meter is not None
        assert await provider.meter.calls_left_today() == 250
        await feeds.close()


async def test_all_that_is_not_well_is_named(
    settings: ProducerSettings,
    database: Database,
    database_settings: DatabaseSettings,
    start_publisher: StartPublisher,
    published_before: PublishedBefore,
) -> None:
    away = Database(database_settings.model_copy(update={"postgres_port": 1}))
    provider = polled(settings, "http://127.0.0.1:1", database)
    publisher = await start_publisher(port=1, connected=False)
    feeds = Feeds({"fmp": provider}, publisher, published_before, database, RunJournal(database))
    feeds.start("fmp")
    await until(lambda: publisher.state == "away", "the publisher has tried to connect")
    with pytest.raises(JobFailedError) as failure:
        await HealthCheck(publisher, away, feeds).check()
    for said in (
        "PostgreSQL is away: ",
        "RabbitMQ is away: ",
        "fmp cannot be reached at http://127.0.0.1:1: ",
    ):
        assert said in str(failure.value)
    await feeds.close()
    await away.close()


async def test_a_connection_that_is_only_being_tried_is_waited_for(
    database: Database, start_publisher: StartPublisher, published_before: PublishedBefore
) -> None:
    publisher = await start_publisher(connected=False)
    assert publisher.state == BrokerState.CONNECTING
    feeds = Feeds({}, publisher, published_before, database, RunJournal(database))
    assert (
        await HealthCheck(publisher, database, feeds).check()
        == "PostgreSQL and RabbitMQ answer; no feed runs."
    )


async def test_the_check_is_a_job_whose_outcome_the_schedule_tells(serve: Serve) -> None:
    async with serve() as client, asyncio.timeout(WAIT_SECONDS):
        while (started := await client.post("/schedule/check-health/run", headers=KEY)).status_code == 503:
            await asyncio.sleep(0.05)
        assert started.status_code == 202, started.text
        while True:
            (job,) = [one for one in (await client.get("/schedule")).json() if one["name"] == "check-health"]
            if not job["running"]:
                break
            await asyncio.sleep(0.05)
    assert (job["last_status"], job["last_detail"]) == (
        "succeeded",
        "PostgreSQL and RabbitMQ answer; no feed runs.",
    )
    assert job["next_run_at"] is not None
