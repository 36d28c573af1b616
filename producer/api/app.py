"""The FastAPI application: it holds the publisher and the feeds for as long as it serves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from db.settings import DatabaseSettings
from producer.access.hosts import is_loopback
from producer.access.keys import ApiKeys
from producer.access.known_hosts import KnownHosts
from producer.access.rates import RateLimits
from producer.alerts.events import AlertHistory
from producer.alerts.ledger import AlertLedger
from producer.api.alerts import router as alerts_router
from producer.api.dead_letters import router as dead_letters_router
from producer.api.endpoints import public_router, router
from producer.api.keys import router as keys_router
from producer.api.openapi import complete_description
from producer.api.problems import PROBLEMS, install_problem_handlers
from producer.api.runs import router as runs_router
from producer.api.schedule import router as schedule_router
from producer.api.security import reading
from producer.api.status import router as status_router
from producer.api.symbols import router as symbols_router
from producer.backfill.background import BackgroundBackfills
from producer.backfill.ledger import Ledger
from producer.backfill.session import BackfillRuns
from producer.broker import BrokerAddress
from producer.cancellation import cancelled
from producer.database import Database
from producer.events import MICROSECONDS_PER_MINUTE, clock_micros
from producer.feeds import Choice, Feeds, choose_feeds
from producer.fetching import Fetching
from producer.gaps.ledger import GapLedger
from producer.gaps.silence import SilenceWatch
from producer.gaps.watch import GapWatch, keep_looking
from producer.journal import RunJournal
from producer.providers.protocol import Provider
from producer.providers.registry import providers
from producer.publisher import Publisher
from producer.quota.ledger import QuotaLedger
from producer.resume import PublishedBefore
from producer.runs import RunReader
from producer.schedule.backfilling import Backfilling
from producer.schedule.catalogue import jobs
from producer.schedule.forecasting import Forecasting
from producer.schedule.health import HealthCheck
from producer.schedule.ledger import JobLedger
from producer.schedule.schedule import Schedule
from producer.settings import ProducerSettings
from producer.symbols import Symbols
from producer.topology import Topology

logger = logging.getLogger(__name__)

SHUTDOWN_FLUSH_SECONDS = 10.0
SHUTDOWN_NOTING_SECONDS = 5.0


@dataclass
class Services:
    """What the endpoints work with."""

    settings: ProducerSettings
    providers: dict[str, Provider]
    publisher: Publisher
    database: Database
    journal: RunJournal
    feeds: Feeds
    fetching: Fetching
    backfills: BackgroundBackfills
    runs: RunReader
    gaps: GapLedger
    api_keys: ApiKeys
    rates: RateLimits
    schedule: Schedule
    symbols: Symbols
    alerts: AlertLedger
    alert_history: AlertHistory


def create_app(settings: ProducerSettings, database_settings: DatabaseSettings) -> FastAPI:
    """Build the application; serving it starts the publisher and the configured feeds."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = _services(settings, database_settings)
        app.state.services = services
        services.publisher.start()
        services.journal.start()
        watching = asyncio.create_task(_watch_gaps(services), name="gap watch")
        try:
            await services.symbols.load()
            services.feeds.choice = await _start_feeds(services)
            services.schedule.start()
            yield
        finally:
            await cancelled(watching)
            await services.schedule.close()
            await services.backfills.close()
            await services.feeds.close()
            await services.journal.close(SHUTDOWN_NOTING_SECONDS)
            await services.publisher.close(SHUTDOWN_FLUSH_SECONDS)
            await services.database.close()

    app = FastAPI(
        title="Candlewick producer",
        summary="Fetches market data, normalises it and publishes it to RabbitMQ with confirms.",
        lifespan=lifespan,
    )
    app.include_router(public_router)
    for part in (
        router,
        runs_router,
        keys_router,
        schedule_router,
        status_router,
        symbols_router,
        alerts_router,
        dead_letters_router,
    ):
        app.include_router(part, dependencies=reading(settings))
    if is_loopback(settings.producer_host):
        app.add_middleware(
            KnownHosts,
            names=settings.producer_allowed_hosts,
            setting="PRODUCER_ALLOWED_HOSTS",
            problems=PROBLEMS,
        )
    install_problem_handlers(app)
    complete_description(app)
    return app


def _services(settings: ProducerSettings, database_settings: DatabaseSettings) -> Services:
    address = BrokerAddress.from_settings(settings)
    publisher = Publisher(address, Topology.from_settings(settings))
    database = Database(database_settings)
    known = providers(settings, QuotaLedger(database))
    before = PublishedBefore(address, settings.event_shards, publisher, database)
    journal = RunJournal(database)
    feeds = Feeds(known, publisher, before, database, journal)
    backfills = BackgroundBackfills(
        BackfillRuns(known, Ledger(database), address, Topology.from_settings(settings))
    )
    runs, gaps = RunReader(database), GapLedger(database)
    fill = Backfilling(backfills, runs).fill
    check_health = HealthCheck(publisher, database, feeds).check
    alerts = AlertLedger(database)
    forecast = Forecasting(database_settings, settings.forecast_minutes).forecast
    planned = jobs(settings, known, feeds.is_running, fill, gaps, database, check_health, forecast)
    return Services(
        settings=settings,
        providers=known,
        publisher=publisher,
        database=database,
        journal=journal,
        feeds=feeds,
        fetching=Fetching(known, publisher, journal),
        backfills=backfills,
        runs=runs,
        gaps=gaps,
        api_keys=ApiKeys(database),
        rates=RateLimits(settings.producer_changes_per_minute),
        schedule=Schedule(planned, JobLedger(database)),
        symbols=Symbols(settings, feeds, database, lambda changed: providers(changed, QuotaLedger(database))),
        alerts=alerts,
        alert_history=AlertHistory(alerts),
    )


async def _watch_gaps(services: Services) -> None:
    longest = services.settings.silence_minutes * MICROSECONDS_PER_MINUTE
    silence = SilenceWatch(services.gaps, services.feeds, longest, clock_micros)
    await keep_looking(GapWatch(services.gaps).look, silence.look)


async def _start_feeds(services: Services) -> Choice:
    choice = await choose_feeds(services.settings)
    logger.info("feeds %s: %s", ", ".join(choice.names) or "none", choice.reason)
    for name in choice.names:
        services.feeds.start(name)
    return choice
