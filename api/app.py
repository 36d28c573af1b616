"""The FastAPI application of the read API: it holds the pool for as long as it serves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.database import Database
from api.live.feeds import live_feeds
from api.live.router import live_router
from api.live.settings import LiveSettings
from api.page.router import page_router
from api.problems import PROBLEMS, install_problem_handlers
from api.rest import alerts, analytics, assets, candles, events, forecasts, health, indicators, status
from api.rest.describing import complete_description
from api.rest.services import Services
from api.security import reading
from api.settings import ApiSettings
from db.settings import DatabaseSettings
from producer.access.hosts import is_loopback
from producer.access.known_hosts import KnownHosts

PREFIX = "/api/v1"
# Level 9 takes five times as long as 3, for a few per cent.
GZIP_LEVEL = 3
GZIP_FROM_BYTES = 1_000
# What does not answer by then is told as unavailable.
STATUS_SECONDS = 3.0


def create_app(
    settings: ApiSettings, database_settings: DatabaseSettings, live_settings: LiveSettings | None = None
) -> FastAPI:
    """Build the application; serving it opens connections to the database as they are needed.

    Without live settings it answers requests, and has no live feeds.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        flink_url = f"http://{settings.flink_host}:{settings.flink_rest_port}"
        rabbitmq_url = f"http://{settings.rabbitmq_host}:{settings.rabbitmq_prometheus_port}"
        async with (
            httpx.AsyncClient(base_url=flink_url, timeout=STATUS_SECONDS) as flink,
            httpx.AsyncClient(base_url=rabbitmq_url, timeout=STATUS_SECONDS) as rabbitmq,
        ):
            services = Services(settings, Database(database_settings, settings), flink, rabbitmq)
            app.state.services = services
            try:
                if live_settings is None:
                    yield
                else:
                    async with live_feeds(live_settings, services.database) as app.state.live:
                        yield
            finally:
                await services.database.close()

    app = FastAPI(
        title="Candlewick read API",
        summary="Symbols, candles, indicators and what else is stored, read only.",
        lifespan=lifespan,
    )
    app.include_router(health.router, prefix=PREFIX)
    app.include_router(_rest(settings), prefix=PREFIX)
    if live_settings is not None:
        app.include_router(live_router(settings, PREFIX))
    app.include_router(page_router())
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=GZIP_LEVEL)
    if is_loopback(settings.api_host):
        app.add_middleware(
            KnownHosts, names=settings.api_allowed_hosts, setting="API_ALLOWED_HOSTS", problems=PROBLEMS
        )
    install_problem_handlers(app)
    complete_description(app)
    return app


def _rest(settings: ApiSettings) -> APIRouter:
    router = APIRouter(dependencies=reading(settings))
    for part in (assets, candles, indicators, analytics, events, forecasts, alerts, status):
        router.include_router(part.router)
    return router
