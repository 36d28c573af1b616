"""Alpaca: trades of US equities at the exchange IEX, live and as bars; needs a key and its secret."""

from __future__ import annotations

from producer.errors import FeedUnavailableError
from producer.polling.clock import Clock
from producer.polling.http import Credentials, RestServer
from producer.providers.alpaca.bars import AlpacaBars
from producer.providers.alpaca.feed import CALENDAR, NAME, AlpacaVenue
from producer.providers.metered_bars import MeteredBars
from producer.providers.protocol import Provider, Source
from producer.providers.streaming.feed import StreamingFeed
from producer.quota.budget import Account, Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from producer.settings import ProducerSettings

DESCRIPTION = "Alpaca, trades at IEX; bars of the past are adjusted for splits, not for dividends"
# What a free key may.
BUDGET = Budget((Limit(200, "minute"),))


def provider(settings: ProducerSettings, ledger: QuotaLedger, clock: Clock) -> Provider:
    """Return Alpaca as configured: a live feed and bars, for which a key and its secret are needed."""
    symbols = settings.alpaca_symbols

    def feed() -> StreamingFeed:
        if not settings.has_key(NAME):
            raise FeedUnavailableError(
                "The feed alpaca needs ALPACA_KEY and ALPACA_SECRET: set both and restart the producer."
            )
        key, secret = settings.alpaca_key.get_secret_value(), settings.alpaca_secret.get_secret_value()
        return StreamingFeed(AlpacaVenue(settings.alpaca_ws_url, symbols, key, secret))

    source = Source(NAME, "live", DESCRIPTION, symbols, CALENDAR)
    addresses = (settings.alpaca_ws_url, settings.alpaca_rest_url)
    if not settings.has_key(NAME):
        return Provider(source, feed=feed, addresses=addresses)
    headers = {"APCA-API-KEY-ID": settings.alpaca_key, "APCA-API-SECRET-KEY": settings.alpaca_secret}
    server = RestServer(
        "Alpaca", settings.alpaca_rest_url, "ALPACA_REST_URL", clock, Credentials(headers=headers)
    )
    meter = Meter(Account.of(NAME, settings.alpaca_key), BUDGET, ledger, clock)
    bars = MeteredBars(AlpacaBars(server, NAME), meter)
    return Provider(source, feed=feed, bars=bars, meter=meter, addresses=addresses)
