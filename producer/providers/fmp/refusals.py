"""What Financial Modeling Prep says when it does not answer, which its status alone does not tell."""

from __future__ import annotations

from producer.polling.refusals import (
    Refusal,
    in_a_day,
    in_a_minute,
    never_this_endpoint,
    never_this_key,
    never_this_symbol,
    tomorrow,
)

_BANDWIDTH = Refusal(
    "Bandwidth Limit Reach", in_a_day, "The plan's 30 days of bandwidth are used up: it clears in days."
)
_ALWAYS = (
    Refusal("Invalid API KEY", never_this_key, "Correct FMP_API_KEY."),
    Refusal("Account suspended", never_this_key, "Ask the provider, or use another key in FMP_API_KEY."),
    # The plan does not have the symbol; with a free key an unknown symbol is answered so, too.
    Refusal(
        "Premium Query Parameter",
        never_this_symbol,
        "Take the symbol out of FMP_SYMBOLS, or use a key of a larger plan.",
    ),
    Refusal("Restricted Endpoint", never_this_endpoint, "The plan of FMP_API_KEY does not have it."),
    Refusal("Exclusive Endpoint", never_this_endpoint, "The plan of FMP_API_KEY does not have it."),
    Refusal("Legacy Endpoint", never_this_endpoint, "Correct FMP_BASE_URL: it ends before /stable."),
    Refusal("Invalid or missing query parameter", never_this_endpoint, "FMP_BASE_URL has another interface."),
)

REFUSALS_BY_DAY = (
    _BANDWIDTH,
    Refusal("Limit Reach", tomorrow, "The day's calls are used up.", spends_quota=True),
    *_ALWAYS,
)
REFUSALS_BY_MINUTE = (
    _BANDWIDTH,
    Refusal("Limit Reach", in_a_minute, "The minute's calls are used up; check FMP_PLAN."),
    *_ALWAYS,
)
NO_SUCH_PATH = Refusal("", never_this_endpoint, "There is no such path: correct FMP_BASE_URL.")
UNKNOWN_SYMBOL = Refusal("", never_this_symbol, "It does not know the symbol: correct FMP_SYMBOLS.")
