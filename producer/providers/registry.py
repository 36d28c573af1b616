"""Every provider by name: a new one is one module and one line here."""

from __future__ import annotations

from producer.providers import alpaca, binance, coinbase, finnhub, kraken, simulator
from producer.providers.protocol import Provider
from producer.settings import ProducerSettings


def providers(settings: ProducerSettings) -> dict[str, Provider]:
    """Return every provider, configured."""
    known = (
        coinbase.provider(settings),
        kraken.provider(settings),
        binance.provider(settings),
        alpaca.provider(settings),
        finnhub.provider(settings),
        simulator.provider(settings),
    )
    return {provider.source.name: provider for provider in known}
