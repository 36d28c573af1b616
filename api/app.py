"""The FastAPI application of the read API: it holds the pool for as long as it serves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.database import Database
from api.problems import install_problem_handlers
from api.rest import assets, candles, health
from api.rest.describing import complete_description
from api.rest.services import Services
from api.security import reading
from api.settings import ApiSettings
from db.settings import DatabaseSettings

PREFIX = "/api/v1"
# Level 9 takes five times as long as 3, for a few per cent.
GZIP_LEVEL = 3
GZIP_FROM_BYTES = 1_000


def create_app(settings: ApiSettings, database_settings: DatabaseSettings) -> FastAPI:
    """Build the application; serving it opens connections to the database as they are needed."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(settings, Database(database_settings, settings))
        app.state.services = services
        try:
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
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=GZIP_LEVEL)
    install_problem_handlers(app)
    complete_description(app)
    return app


def _rest(settings: ApiSettings) -> APIRouter:
    router = APIRouter(dependencies=reading(settings))
    for part in (assets, candles):
        router.include_router(part.router)
    return router
