"""A seeded, simulated market for a machine without a network; its symbols and its source say so."""

from __future__ import annotations

from producer.providers.protocol import Provider, Source
from producer.providers.simulator.feed import SimulatorFeed
from producer.settings import ProducerSettings

NAME = "simulator"
DESCRIPTION = "Simulated market, not real prices"


def provider(settings: ProducerSettings) -> Provider:
    """Return the simulator as configured: a feed only."""
    symbols = settings.simulator_symbols
    return Provider(
        Source(NAME, "simulated", DESCRIPTION, symbols),
        feed=lambda: SimulatorFeed(
            symbols,
            settings.simulator_seed,
            settings.simulator_events_per_second,
            settings.simulator_history_minutes,
        ),
    )
