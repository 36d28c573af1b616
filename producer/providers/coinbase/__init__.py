"""Coinbase Exchange: keyless, real-time trades of crypto-currencies."""

from __future__ import annotations

from producer.providers.coinbase.candles import CoinbaseBars
from producer.providers.coinbase.feed import CoinbaseFeed
from producer.providers.coinbase.rest import CoinbaseQuotes
from producer.providers.protocol import Provider, Source
from producer.settings import ProducerSettings

NAME = "coinbase"
DESCRIPTION = "Coinbase Exchange, public trades"


def provider(settings: ProducerSettings) -> Provider:
    """Return Coinbase as configured: a live feed, quotes and bars."""
    products = settings.coinbase_products
    return Provider(
        Source(NAME, "live", DESCRIPTION, products),
        feed=lambda: CoinbaseFeed(settings.coinbase_ws_url, products),
        quotes=CoinbaseQuotes(settings.coinbase_rest_url),
        bars=CoinbaseBars(settings.coinbase_rest_url),
        addresses=(settings.coinbase_ws_url, settings.coinbase_rest_url),
    )
