"""Searches for symbols at the providers that have them, in the form that they document."""

from __future__ import annotations

import json

import pytest

from producer.errors import Later, Never, ProviderError, QuotaSpentError
from producer.providers.alpha_vantage.search import AlphaVantageSearch
from producer.providers.fmp.plans import PLANS
from producer.providers.fmp.search import FmpSearch
from producer.providers.protocol import FoundSymbol
from tests.answers import Answer, AnswerServer
from tests.unit.producer.asking import KEY, keyed_server

FMP_FOUND = [
    {
        "symbol": "AAPL",
        "name": "Apple Inc.",
        "currency": "USD",
        "exchangeFullName": "NASDAQ Global Select",
        "exchange": "NASDAQ",
    }
]
ALPHA_VANTAGE_FOUND = {
    "bestMatches": [
        {
            "1. symbol": "IBM",
            "2. name": "International Business Machines Corp",
            "3. type": "Equity",
            "4. region": "United States",
            "5. marketOpen": "09:30",
            "6. marketClose": "16:00",
            "7. timezone": "UTC-04",
            "8. currency": "USD",
            "9. matchScore": "1.0000",
        }
    ]
}
SPENT = {"Information": f"We have detected your API key as {KEY} and our limit is 25 requests per day."}


async def test_financial_modeling_prep_is_asked_by_its_stable_interface() -> None:
    async with AnswerServer(lambda _: Answer(json.dumps(FMP_FOUND))) as server:
        found = await FmpSearch(keyed_server(server.url), PLANS["free"]).ask("AA")
    assert found == [FoundSymbol("AAPL", "Apple Inc.", "NASDAQ", "USD")]
    (question,) = server.questions
    assert (question.path, question.parameters) == (
        "/stable/search-symbol",
        {"query": "AA", "apikey": KEY},
    )


async def test_alpha_vantage_is_asked_for_keywords() -> None:
    async with AnswerServer(lambda _: Answer(json.dumps(ALPHA_VANTAGE_FOUND))) as server:
        found = await AlphaVantageSearch(keyed_server(server.url)).ask("business machines")
    assert found == [FoundSymbol("IBM", "International Business Machines Corp", "United States", "USD")]
    (question,) = server.questions
    assert question.parameters == {
        "function": "SYMBOL_SEARCH",
        "keywords": "business machines",
        "apikey": KEY,
    }


async def test_nothing_found_is_an_answer() -> None:
    async with AnswerServer(lambda _: Answer("[]")) as server:
        assert await FmpSearch(keyed_server(server.url), PLANS["free"]).ask("nothing") == []
    async with AnswerServer(lambda _: Answer('{"bestMatches":[]}')) as server:
        assert await AlphaVantageSearch(keyed_server(server.url)).ask("nothing") == []


async def test_a_refusal_is_understood_and_shows_no_key() -> None:
    async with AnswerServer(lambda _: Answer(json.dumps(SPENT))) as server:
        with pytest.raises(QuotaSpentError) as spent:
            await AlphaVantageSearch(keyed_server(server.url)).ask("IBM")
    assert isinstance(spent.value.retry, Later)
    assert KEY not in str(spent.value)
    wrong = Answer('{"Error Message":"Invalid API KEY. Feel free to create a Free API Key"}', 401)
    async with AnswerServer(lambda _: wrong) as server:
        with pytest.raises(ProviderError) as refused:
            await FmpSearch(keyed_server(server.url), PLANS["free"]).ask("AA")
    assert refused.value.retry == Never("key")


@pytest.mark.parametrize("text", ["[{}]", "[1", '[{"symbol": 5}]'])
async def test_what_is_no_answer_is_a_failure_that_may_pass(text: str) -> None:
    async with AnswerServer(lambda _: Answer(text)) as server:
        with pytest.raises(ProviderError, match="cannot be understood"):
            await FmpSearch(keyed_server(server.url), PLANS["free"]).ask("AA")
