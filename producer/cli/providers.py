"""Where data comes from: `candlewick providers`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from producer.api.models import ProviderReport, QuotaReport
from producer.cli.client import ask
from producer.cli.output import Json, show
from producer.cli.tables import count, remarks, table, text
from producer.dead_letters.presentation import UNKNOWN


def providers(as_json: Json = False) -> None:
    """List the providers: what each can do, what is left of its quota, and whether it is asked at all."""
    show(ask("GET", "/providers", list[ProviderReport]), as_json, providers_table)


def providers_table(known: Sequence[ProviderReport]) -> RenderableType:
    """Draw a row a provider, and beneath them what there is to say of one."""
    drawn = table(
        {
            "Provider": "name",
            "Kind": "name",
            "Can": "words",
            "Bars": "words",
            "Symbols": "number",
            "Quota left": "words",
            "Circuit": "name",
        },
        (
            (
                one.name,
                one.kind,
                text(", ".join(one.capabilities)),
                text(", ".join(one.bar_intervals)),
                count(len(one.symbols)),
                quota_left(one.quota),
                one.circuit,
            )
            for one in known
        ),
    )
    return remarks(drawn, {one.name: one.detail or "" for one in known})


def quota_left(quota: Sequence[QuotaReport] | None) -> str:
    """Say what is left of each limit: `248 of 250 a day`."""
    if quota is None:
        return UNKNOWN
    return text("; ".join(f"{one.left:,} of {one.calls:,} a {one.period}" for one in quota))
