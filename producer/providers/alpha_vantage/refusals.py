"""What Alpha Vantage says when it does not answer, always under status 200.

The order matters: the sentence about a burst names the daily limit too, and every one of them
praises premium plans.
"""

from __future__ import annotations

from producer.polling.refusals import (
    Refusal,
    in_a_minute,
    never_this_endpoint,
    never_this_key,
    never_this_symbol,
    tomorrow,
)

NOT_IN_PLAN = "The key's plan does not have it: check ALPHA_VANTAGE_PLAN."

REFUSALS = (
    Refusal("request per second", in_a_minute, "Calls were too close to each other."),
    Refusal("calls per minute", in_a_minute, "Calls were too close to each other."),
    Refusal("requests per minute", in_a_minute, "The minute's calls are used up."),
    Refusal("requests per day", tomorrow, "The day's calls are used up.", spends_quota=True),
    Refusal(
        "This is a premium endpoint",
        never_this_endpoint,
        NOT_IN_PLAN,
    ),
    Refusal(
        "is a premium feature",
        never_this_endpoint,
        NOT_IN_PLAN,
    ),
    Refusal("demo** API key", never_this_key, "Set a key of your own in ALPHA_VANTAGE_API_KEY."),
    Refusal("apikey is invalid or missing", never_this_key, "Correct ALPHA_VANTAGE_API_KEY."),
    Refusal("Invalid API call", never_this_symbol, "Correct ALPHA_VANTAGE_SYMBOLS."),
)
UNKNOWN_SYMBOL = Refusal("", never_this_symbol, "It does not know the symbol: correct ALPHA_VANTAGE_SYMBOLS.")
