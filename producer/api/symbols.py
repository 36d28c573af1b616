"""Search for symbols at a provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from producer.api.endpoints import ServicesDep
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.errors import ProviderError, QuotaSpentError, UnknownProviderError

router = APIRouter(prefix="/symbols")


class FoundSymbol(BaseModel):
    """A symbol as its provider writes it; `venue` is an exchange or a region."""

    symbol: str
    name: str | None
    venue: str | None
    currency: str | None


@router.get(
    "/search",
    dependencies=CONTROL,
    responses=problem_responses(UnknownProviderError, ProviderError, QuotaSpentError),
)
async def search(
    services: ServicesDep,
    provider: str,
    query: Annotated[str, Query(min_length=1, max_length=64)],
) -> list[FoundSymbol]:
    """Ask a provider which symbols match; it costs a call of its quota, so the key is needed."""
    known = services.providers.get(provider)
    if known is None or known.search is None:
        able = ", ".join(name for name, one in services.providers.items() if one.search is not None)
        raise UnknownProviderError(
            f"No provider {provider!r} can be searched. Those that can, where their key is set: "
            f"{able or 'fmp, alpha_vantage'}."
        )
    return [
        FoundSymbol(symbol=found.symbol, name=found.name, venue=found.venue, currency=found.currency)
        for found in await known.search.search(query)
    ]
