"""Which symbols are followed, changed over HTTP, and search for symbols at a provider."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from producer.api.endpoints import ServicesDep
from producer.api.models import Symbol, SymbolReport
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.errors import (
    DatabaseUnavailableError,
    ProviderError,
    QuotaSpentError,
    SymbolConflictError,
    SymbolRefusedError,
    UnknownProviderError,
    UnknownSymbolError,
)

router = APIRouter(prefix="/symbols")


class NewSymbol(BaseModel):
    """A symbol to follow, and the provider that it shall come from."""

    provider: str
    symbol: Symbol


class FoundSymbol(BaseModel):
    """A symbol as its provider writes it; `venue` is an exchange or a region."""

    symbol: str
    name: str | None
    venue: str | None
    currency: str | None


@router.post(
    "",
    dependencies=CONTROL,
    status_code=HTTPStatus.CREATED,
    responses={
        HTTPStatus.OK: {"model": SymbolReport, "description": "The provider has it already."},
        **problem_responses(
            UnknownProviderError,
            SymbolConflictError,
            SymbolRefusedError,
            DatabaseUnavailableError,
        ),
    },
)
async def follow(new: NewSymbol, services: ServicesDep, response: Response) -> SymbolReport:
    """Follow a symbol from now on, over restarts too; the provider's feed is opened anew where it runs."""
    if not await services.symbols.follow(new.provider, new.symbol):
        response.status_code = HTTPStatus.OK
    return SymbolReport(
        symbol=new.symbol,
        provider=new.provider,
        kind=services.providers[new.provider].source.kind,
        streaming=services.feeds.is_running(new.provider),
    )


# The last of the path, because symbols may have a slash in them.
@router.delete(
    "/{provider}/{symbol:path}",
    dependencies=CONTROL,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problem_responses(
        UnknownProviderError,
        UnknownSymbolError,
        SymbolConflictError,
        DatabaseUnavailableError,
    ),
)
async def unfollow(provider: str, symbol: Annotated[str, Path()], services: ServicesDep) -> None:
    """Follow a symbol no more, over restarts too: its candles stay, and it may be followed again."""
    await services.symbols.unfollow(provider, symbol)


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
