"""Refusals by what they say: providers send the same status for a typing error and for a spent month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from producer.errors import Later, Never, ProviderError, QuotaSpentError, Retry, Soon
from producer.events import MICROSECONDS_PER_DAY, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND
from producer.polling.http import Reply

When = Callable[[Reply], Retry]


def in_a_minute(reply: Reply) -> Retry:
    """Not within a minute, unless Retry-After says otherwise."""
    return Later(reply.retry_at or reply.received + MICROSECONDS_PER_MINUTE)


def in_a_day(reply: Reply) -> Retry:
    """Not within a day, unless Retry-After says otherwise."""
    return Later(reply.retry_at or reply.received + MICROSECONDS_PER_DAY)


def tomorrow(reply: Reply) -> Retry:
    """Not before the next UTC date, unless Retry-After says otherwise."""
    midnight = reply.received - reply.received % MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY
    return Later(reply.retry_at or midnight)


def never_this_symbol(_: Reply) -> Retry:
    """The symbol is the reason."""
    return Never("symbol")


def never_this_endpoint(_: Reply) -> Retry:
    """What was asked is the reason, whatever the symbol."""
    return Never("endpoint")


def never_this_key(_: Reply) -> Retry:
    """The key is the reason."""
    return Never("key")


@dataclass(frozen=True)
class Refusal:
    """A text by which a provider's refusal is known, when to try again, and the way out."""

    phrase: str
    when: When
    way_out: str
    spends_quota: bool = False


def not_understood(provider: str, what: str, error: Exception) -> ProviderError:
    """Make the error of an answer that is no refusal, and not what was asked for either."""
    return ProviderError(
        f"{provider}'s {what} cannot be understood: {error}. It is asked again.", retry=Soon()
    )


def classify(provider: str, reply: Reply, table: Sequence[Refusal], symbols: Sequence[str]) -> ProviderError:
    """Make the error of a refusal: by the first phrase of the table in its text, else by its status."""
    asked = ", ".join(symbols[:3]) + (f" and {len(symbols) - 3} more" if len(symbols) > 3 else "")
    sentence = f"{provider} answered {reply.status} for {asked}: {reply.said.rstrip('.')}."
    for refusal in table:
        if refusal.phrase.casefold() in reply.text.casefold():
            # With Retry-After it is no whole day that is spent.
            spent = refusal.spends_quota and reply.retry_at is None
            kind = QuotaSpentError if spent else ProviderError
            return kind(f"{sentence} {refusal.way_out}", retry=refusal.when(reply))
    # In a second is now: then the back-off decides.
    if reply.retry_at is not None and reply.retry_at > reply.received + MICROSECONDS_PER_SECOND:
        return ProviderError(f"{sentence} It is asked again when it allows it.", retry=Later(reply.retry_at))
    if reply.status == 429:
        return ProviderError(f"{sentence} It is asked again in a minute.", retry=in_a_minute(reply))
    return ProviderError(f"{sentence} It is asked again.", retry=Soon())
