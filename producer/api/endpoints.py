"""The endpoints: each parses, calls and maps, and nothing else."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response

from producer.api.models import (
    FeedChange,
    FeedReport,
    Feeds,
    FetchedQuote,
    FetchReport,
    FetchRequest,
    Health,
    ProviderReport,
    SymbolReport,
)
from producer.api.problems import problem_responses
from producer.api.reports import feed_report, health_report, provider_report
from producer.api.security import CONTROL
from producer.errors import (
    BrokerUnavailableError,
    FeedUnavailableError,
    ProviderError,
    QuotaSpentError,
    UnknownFeedError,
    UnknownProviderError,
)
from producer.events import to_datetime

if TYPE_CHECKING:
    from producer.api.app import Services

CONFIRM_SECONDS = 15.0

router = APIRouter()
# What is told to everybody, because what watches over the producer has no key.
public_router = APIRouter()


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated["Services", Depends(_services)]


@public_router.get("/health", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Health}})
async def health(services: ServicesDep, response: Response) -> Health:
    """Say how each dependency and each feed is; 503 when one of them is not well."""
    report = await health_report(services)
    if report.status != "ok":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report


@router.get("/symbols")
async def symbols(services: ServicesDep) -> list[SymbolReport]:
    """List the configured symbols with the provider of each."""
    return [
        SymbolReport(
            symbol=symbol,
            provider=name,
            kind=provider.source.kind,
            streaming=services.feeds.is_running(name),
        )
        for name, provider in services.providers.items()
        for symbol in provider.source.symbols
    ]


@router.get("/providers")
async def providers(services: ServicesDep) -> list[ProviderReport]:
    """List the providers: what each can do, what is left of its quota, and its circuit."""
    return await asyncio.gather(*(provider_report(services, name) for name in services.providers))


@router.get("/feeds")
async def feeds(services: ServicesDep) -> Feeds:
    """List the feeds, what each has seen, and why those that run were chosen."""
    return Feeds(choice=services.feeds.choice.reason, feeds=_feed_reports(services))


@router.post(
    "/feeds/{name}/start",
    dependencies=CONTROL,
    responses=problem_responses(UnknownFeedError, FeedUnavailableError),
)
async def start_feed(name: str, services: ServicesDep) -> FeedChange:
    """Start a feed; does nothing when it runs."""
    changed = services.feeds.start(name)
    return FeedChange(feed=name, changed=changed, state=services.feeds.status(name).state)


@router.post(
    "/feeds/{name}/stop",
    dependencies=CONTROL,
    responses=problem_responses(UnknownFeedError),
)
async def stop_feed(name: str, services: ServicesDep) -> FeedChange:
    """Stop a feed; does nothing when it does not run."""
    changed = await services.feeds.stop(name)
    return FeedChange(feed=name, changed=changed, state=services.feeds.status(name).state)


@router.post(
    "/fetch-data",
    dependencies=CONTROL,
    responses=problem_responses(UnknownProviderError, ProviderError, QuotaSpentError, BrokerUnavailableError),
)
async def fetch_data(request: FetchRequest, services: ServicesDep) -> FetchReport:
    """Fetch one quote a symbol and publish it; answers when the broker has confirmed them all.

    Symbols that have none are in `failures`; where no symbol has a quote, that is a problem.
    """
    fetched = await services.fetching.fetch(request.provider, request.symbols, CONFIRM_SECONDS)
    return FetchReport(
        run_id=fetched.run_id,
        provider=request.provider,
        confirmed_events=len(fetched.events),
        failures={symbol: str(error) for symbol, error in fetched.refused.items()},
        quotes=[
            FetchedQuote(
                event_id=quote.event_id,
                symbol=quote.symbol,
                event_time=to_datetime(quote.event_time),
                price=quote.price,
                bid=quote.bid,
                ask=quote.ask,
            )
            for quote in fetched.events
        ],
    )


def _feed_reports(services: Services) -> dict[str, FeedReport]:
    return {name: feed_report(services, name) for name in services.feeds.names}
