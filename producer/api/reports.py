"""How the producer is, gathered from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.api.models import BrokerHealth, DatabaseHealth, Dependencies, FeedReport, Health, Quote
from producer.events import to_datetime
from producer.feeds import FAILED
from producer.providers.streaming.feed import REFUSED
from producer.publisher import BrokerState

if TYPE_CHECKING:
    from datetime import datetime

    from producer.api.app import Services
    from producer.publisher import Publisher


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
