"""Every provider by name: a new one is one module and one line here."""

from __future__ import annotations

from producer.polling.clock import SystemClock
from producer.providers import (
    alpaca,
    alpha_vantage,
    binance,
    coinbase,
    finnhub,
    fmp,
    history,
    kraken,
    simulator,
)
from producer.providers.protocol import Provider
from producer.quota.ledger import QuotaLedger
from producer.settings import ProducerSettings


def providers(settings: ProducerSettings, ledger: QuotaLedger) -> dict[str, Provider]:
    """Return every provider, configured; those that are polled with a key only where it is set."""
    clock = SystemClock()
    known = [
        coinbase.provider(settings),
        kraken.provider(settings, ledger, clock),
        binance.provider(settings, ledger, clock),
        alpaca.provider(settings, ledger, clock),
        finnhub.provider(settings),
        simulator.provider(settings),
        history.provider(),
    ]
    known += [
        keyed.provider(settings, ledger, clock)
        for keyed in (alpha_vantage, fmp)
        if settings.has_key(keyed.NAME)
    ]
    return {provider.source.name: provider for provider in known}
