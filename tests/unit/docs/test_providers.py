"""The table of providers says what each of them can do, as they are when everything is set."""

from __future__ import annotations

import re

from pydantic import SecretStr

from db.settings import DatabaseSettings
from ops.settings import REPOSITORY
from producer.api.reports import capabilities
from producer.database import Database
from producer.providers.protocol import Provider
from producer.providers.registry import providers
from producer.quota.ledger import QuotaLedger
from producer.settings import KEY_SETTINGS, ProducerSettings

CELLS = ("feed", "quotes", "bars", "search")
ROW = re.compile(r"\| `(?P<name>\w+)` \|" + "".join(rf"(?P<{cell}>[^|]*)\|" for cell in CELLS))
INTERVAL = re.compile(r"\b\d+[mhd]\b")


def everything() -> dict[str, Provider]:
    """Every provider, with its key and its largest plan."""
    keys = {name: SecretStr("sesame") for names in KEY_SETTINGS.values() for name in names}
    settings = ProducerSettings.model_construct(
        **{name: field.default for name, field in ProducerSettings.model_fields.items()}
    ).model_copy(update={**keys, "fmp_plan": "premium", "alpha_vantage_plan": "premium"})
    return providers(settings, QuotaLedger(Database(DatabaseSettings.model_construct())))


def documented() -> dict[str, dict[str, str]]:
    """The rows of the first table, by provider."""
    page = (REPOSITORY / "docs/providers.md").read_text().split("\n## ")[0]
    rows = (ROW.match(line) for line in page.splitlines())
    return {row["name"]: {key: cell.strip() for key, cell in row.groupdict().items()} for row in rows if row}


def test_every_provider_is_in_the_table_with_all_that_it_can_do_and_nothing_else() -> None:
    told = {
        name: [
            *(["poll"] if row["feed"].startswith("poll") else ["stream"] if row["feed"] else []),
            *(["quotes"] if row["quotes"] else []),
            *(["bars"] if row["bars"] else []),
            *(["search"] if row["search"] else []),
        ]
        for name, row in documented().items()
    }
    assert told == {name: capabilities(provider) for name, provider in everything().items()}


def test_the_lengths_of_bars_in_the_table_are_those_that_a_provider_has() -> None:
    told = {name: INTERVAL.findall(row["bars"]) for name, row in documented().items()}
    had = {
        name: [] if provider.bars is None else list(provider.bars.intervals)
        for name, provider in everything().items()
    }
    assert told == had


def test_every_source_of_bars_says_how_prices_of_stocks_are_adjusted() -> None:
    stocks = [one.source for one in everything().values() if one.bars and one.source.calendar == "XNYS"]
    assert [source.name for source in stocks if "adjusted" not in source.description] == []
    assert len(stocks) == 4
