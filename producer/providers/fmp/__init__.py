"""Financial Modeling Prep: quotes and bars of stocks at the New York exchanges, with a key."""

from __future__ import annotations

from producer.polling.clock import Clock
from producer.polling.feed import PolledFeed
from producer.polling.hours import PollingHours
from producer.polling.http import Credentials, RestServer
from producer.polling.quotes import MeteredQuotes
from producer.polling.search import MeteredSearch
from producer.providers.fmp.bars import FmpBars
from producer.providers.fmp.plans import PLANS
from producer.providers.fmp.quotes import FmpQuotes
from producer.providers.fmp.search import FmpSearch
from producer.providers.metered_bars import MeteredBars
from producer.providers.protocol import Provider, Source
from producer.quota.budget import Account
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from producer.settings import ProducerSettings

NAME = "fmp"
CALENDAR = "XNYS"
DESCRIPTION = (
    "Financial Modeling Prep, polled quotes; bars of the past are adjusted for splits, not for dividends"
)


def provider(settings: ProducerSettings, ledger: QuotaLedger, clock: Clock) -> Provider:
    """Return the provider as configured: a polled feed, quotes and bars, one account of calls for all."""
    plan = PLANS[settings.fmp_plan]
    key = settings.fmp_api_key
    server = RestServer(
        "Financial Modeling Prep", settings.fmp_base_url, "FMP_BASE_URL", clock, Credentials({"apikey": key})
    )
    meter = Meter(Account.of(NAME, key), plan.budget, ledger, clock)
    quotes = MeteredQuotes(FmpQuotes(server, plan, NAME, CALENDAR), meter)
    symbols = settings.fmp_symbols
    return Provider(
        Source(NAME, "live", DESCRIPTION, symbols, CALENDAR),
        feed=lambda: PolledFeed(NAME, symbols, quotes, PollingHours(CALENDAR), clock, "FMP_SYMBOLS"),
        quotes=quotes,
        bars=MeteredBars(FmpBars(server, plan, NAME), meter),
        meter=meter,
        search=MeteredSearch(FmpSearch(server, plan), meter),
        polls=True,
        addresses=(settings.fmp_base_url,),
    )
