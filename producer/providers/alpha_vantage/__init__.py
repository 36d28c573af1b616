"""Alpha Vantage: the quote of a day, once it is over, and bars, with a key."""

from __future__ import annotations

from datetime import timedelta

from producer.polling.clock import Clock
from producer.polling.feed import PolledFeed
from producer.polling.hours import PollingHours
from producer.polling.http import Credentials, RestServer
from producer.polling.quotes import MeteredQuotes
from producer.polling.search import MeteredSearch
from producer.providers.alpha_vantage.bars import AlphaVantageBars
from producer.providers.alpha_vantage.quotes import AlphaVantageQuotes
from producer.providers.alpha_vantage.search import AlphaVantageSearch
from producer.providers.metered_bars import MeteredBars
from producer.providers.protocol import Provider, Source
from producer.quota.budget import Account, Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from producer.settings import ProducerSettings

NAME = "alpha_vantage"
CALENDAR = "XNYS"
DESCRIPTION = "Alpha Vantage, quotes of finished days; bars are not adjusted for splits or dividends"
# A day's quote appears in the evening. New York closes by 21:00 UTC: this is one UTC date's quota.
AFTER_CLOSE = timedelta(hours=3)


def provider(settings: ProducerSettings, ledger: QuotaLedger, clock: Clock) -> Provider:
    """Return the provider as configured: a quote a day, quotes and bars, on one account of calls."""
    key = settings.alpha_vantage_api_key
    server = RestServer(
        "Alpha Vantage",
        settings.alpha_vantage_base_url,
        "ALPHA_VANTAGE_BASE_URL",
        clock,
        Credentials({"apikey": key}),
    )
    budget = Budget((Limit(1, "second"), Limit(settings.alpha_vantage_calls_per_day, "day")))
    meter = Meter(Account.of(NAME, key), budget, ledger, clock)
    quotes = MeteredQuotes(AlphaVantageQuotes(server, NAME, CALENDAR), meter)
    symbols = settings.alpha_vantage_symbols
    hours = PollingHours(CALENDAR, AFTER_CLOSE)
    return Provider(
        Source(NAME, "live", DESCRIPTION, symbols, CALENDAR),
        feed=lambda: PolledFeed(NAME, symbols, quotes, hours, clock, "ALPHA_VANTAGE_SYMBOLS"),
        quotes=quotes,
        bars=MeteredBars(AlphaVantageBars(server, settings.alpha_vantage_plan, NAME), meter),
        meter=meter,
        search=MeteredSearch(AlphaVantageSearch(server), meter),
        polls=True,
        addresses=(settings.alpha_vantage_base_url,),
    )
