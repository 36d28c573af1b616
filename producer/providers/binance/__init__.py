"""Binance Spot: keyless, real-time trades of crypto-currencies, and bars."""

from __future__ import annotations

from producer.polling.clock import Clock
from producer.polling.http import RestServer
from producer.providers.binance.bars import BinanceBars
from producer.providers.binance.feed import NAME, BinanceVenue
from producer.providers.metered_bars import MeteredBars
from producer.providers.protocol import Provider, Source
from producer.providers.streaming.feed import StreamingFeed
from producer.quota.budget import Account, Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from producer.settings import ProducerSettings

DESCRIPTION = "Binance Spot, public trades"
# Binance counts what calls weigh, for each address that asks.
BUDGET = Budget((Limit(6_000, "minute"),))


def provider(settings: ProducerSettings, ledger: QuotaLedger, clock: Clock) -> Provider:
    """Return Binance as configured: a live feed, and bars."""
    symbols = settings.binance_symbols
    server = RestServer("Binance", settings.binance_rest_url, "BINANCE_REST_URL", clock)
    meter = Meter(Account.without_key(NAME, settings.binance_rest_url), BUDGET, ledger, clock)
    return Provider(
        Source(NAME, "live", DESCRIPTION, symbols),
        feed=lambda: StreamingFeed(BinanceVenue(settings.binance_ws_url, symbols)),
        bars=MeteredBars(BinanceBars(server, NAME), meter),
        meter=meter,
        addresses=(settings.binance_ws_url, settings.binance_rest_url),
    )
