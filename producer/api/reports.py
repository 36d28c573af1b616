"""How the producer is, gathered from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.api.models import (
    BrokerHealth,
    Capability,
    DatabaseHealth,
    Dependencies,
    FeedReport,
    Health,
    ProviderReport,
    QuotaReport,
    Quote,
)
from producer.errors import ProviderError
from producer.events import to_datetime
from producer.feeds import FAILED
from producer.providers.protocol import FeedStatus
from producer.providers.streaming.feed import REFUSED
from producer.publisher import BrokerState

if TYPE_CHECKING:
    from datetime import datetime

    from producer.api.app import Services
    from producer.providers.protocol import Provider
    from producer.publisher import Publisher
    from producer.quota.ledger import Usage


def feed_report(services: Services, name: str) -> FeedReport:
    """Report one feed."""
    status = services.feeds.status(name)
    return FeedReport(
        state=status.state,
        running=services.feeds.is_running(name),
        symbols=list(services.providers[name].source.symbols),
        events=status.events,
        gaps=status.gaps,
        reconnects=status.reconnects,
        last_event_time=_moment(status.last_event_time),
        last_error=status.last_error,
        next_attempt=_moment(status.next_attempt),
        quotes={symbol: Quote(bid=best.bid, ask=best.ask) for symbol, best in status.quotes.items()},
        detail=status.detail,
        circuit=status.circuit,
        left_out=status.left_out,
    )


async def provider_report(services: Services, name: str) -> ProviderReport:
    """Report one provider, with its quota as PostgreSQL counts it."""
    provider = services.providers[name]
    status = FeedStatus() if provider.feed is None else services.feeds.status(name)
    detail = status.detail
    try:
        quota = None if provider.meter is None else await provider.meter.usage()
    except ProviderError as error:
        quota, detail = None, str(error)
    return ProviderReport(
        name=name,
        kind=provider.source.kind,
        description=provider.source.description,
        symbols=list(provider.source.symbols),
        capabilities=capabilities(provider),
        bar_intervals=[] if provider.bars is None else list(provider.bars.intervals),
        quota=None if quota is None else [_quota_report(usage) for usage in quota],
        circuit=status.circuit,
        detail=detail,
    )


async def health_report(services: Services) -> Health:
    """Ask every dependency and feed; one that died, or that its venue refuses, is not well."""
    broker = _broker_health(services.publisher)
    reason = await services.database.check()
    database = DatabaseHealth(state="away" if reason else "connected", detail=reason or "PostgreSQL answers.")
    feeds = {name: feed_report(services, name) for name in services.feeds.names}
    well = (
        broker.state == BrokerState.CONNECTED
        and reason is None
        and all(feed.state not in {FAILED, REFUSED} for feed in feeds.values())
    )
    return Health(
        status="ok" if well else "degraded",
        dependencies=Dependencies(broker=broker, database=database),
        feeds=feeds,
    )


def capabilities(provider: Provider) -> list[Capability]:
    """Return what a provider can do."""
    found: list[Capability] = []
    if provider.feed is not None:
        found.append("poll" if provider.polls else "stream")
    if provider.quotes is not None:
        found.append("quotes")
    if provider.bars is not None:
        found.append("bars")
    if provider.search is not None:
        found.append("search")
    return found


def _quota_report(usage: Usage) -> QuotaReport:
    return QuotaReport(
        calls=usage.limit.calls,
        period=usage.limit.period,
        used=usage.calls,
        left=usage.left,
        resets_at=_moment(usage.resets_at),
    )


def _broker_health(publisher: Publisher) -> BrokerHealth:
    died = publisher.died
    return BrokerHealth(
        state=FAILED if died else publisher.state,
        detail=f"The publisher died: {type(died).__name__}: {died}" if died else publisher.detail,
        buffered_events=publisher.buffered_events,
        dropped_events=publisher.dropped_events,
        confirmed_messages=publisher.confirmed_messages,
        last_confirm_time=_moment(publisher.last_confirm_time),
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else to_datetime(micros)
