"""Kraken: keyless, real-time trades of crypto-currencies, and the newest 720 bars."""

from __future__ import annotations

from producer.polling.clock import Clock
from producer.polling.http import RestServer
from producer.providers.kraken.bars import KrakenBars
from producer.providers.kraken.feed import NAME, KrakenVenue
from producer.providers.metered_bars import MeteredBars
from producer.providers.protocol import Provider, Source
from producer.providers.streaming.feed import StreamingFeed
from producer.quota.budget import Account, Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from producer.settings import ProducerSettings

DESCRIPTION = "Kraken, public trades"
BUDGET = Budget((Limit(1, "second"),))


def provider(settings: ProducerSettings, ledger: QuotaLedger, clock: Clock) -> Provider:
    """Return Kraken as configured: a live feed, and bars."""
    symbols = settings.kraken_symbols
    server = RestServer("Kraken", settings.kraken_rest_url, "KRAKEN_REST_URL", clock)
    meter = Meter(Account.without_key(NAME, settings.kraken_rest_url), BUDGET, ledger, clock)
    return Provider(
        Source(NAME, "live", DESCRIPTION, symbols),
        feed=lambda: StreamingFeed(KrakenVenue(settings.kraken_ws_url, symbols)),
        bars=MeteredBars(KrakenBars(server, NAME), meter),
        meter=meter,
        addresses=(settings.kraken_ws_url, settings.kraken_rest_url),
    )
