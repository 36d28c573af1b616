"""What the chart page says of data, and how it groups and retries."""

import pytest

from stream_job.indicators.catalogue import VALUES
from tests.unit.chart.node import evaluate


@pytest.mark.parametrize(
    ("kind", "age", "text"),
    [
        ("live", 2, "Live"),
        ("live", 3_600, "Delayed · 60 min"),
        ("live", None, "No price"),
        ("simulated", 2, "Simulated"),
        ("replay", 2, "Replayed"),
        ("history", 2, "History"),
        ("made-up", 2, "Unknown source"),
    ],
)
def test_only_a_fresh_price_of_a_live_source_is_called_live(kind: str, age: int | None, text: str) -> None:
    assert evaluate("labels.js", "module.badgeOf(kind, age).text", kind=kind, age=age) == text


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("ridge", "Forecast by ridge, 90 % interval, data until then"),
        ("naive", "No model beats the last close: naive forecast, 90 % interval, data until then"),
    ],
)
def test_a_forecast_says_whose_it_is_and_when_no_model_is_worth_more_than_the_last_close(
    model: str, text: str
) -> None:
    rows = [{"model": model, "confidence": 0.9, "trained_until": "2026-01-05T14:30:00Z"}]
    assert evaluate("labels.js", "module.forecastText(rows, { moment: () => 'then' })", rows=rows) == text


def test_what_is_behind_is_said_of_a_connection_that_stands() -> None:
    expression = "module.connectionText('connected', new Map([['ticks', 'The broker is away.']]))"
    assert evaluate("labels.js", expression) == "Connected; behind are ticks: The broker is away."


def test_every_indicator_of_the_catalogue_is_in_one_group_with_what_is_read_together() -> None:
    catalogue = [
        {"name": value.name, "unit": value.unit, "description": value.description}
        for value in VALUES.values()
    ]
    expression = "module.groupsOf(catalogue).map(group => [group.key, group.values.map(value => value.name)])"
    groups = dict(evaluate("indicator_groups.js", expression, catalogue=catalogue))
    assert [name for names in groups.values() for name in names] == [
        name for group in groups for name in VALUES if name in groups[group]
    ]
    assert set().union(*groups.values()) == set(VALUES)
    assert groups["macd"] == ["macd", "macd_signal", "macd_histogram"]
    assert groups["stochastic"] == ["stochastic_k_14", "stochastic_d_14"]
    assert len(groups["bollinger"]) == 3
    assert groups["sma_20"] == ["sma_20"]


def test_the_page_comes_back_later_and_later_but_within_half_a_minute() -> None:
    expression = (
        "[0, 1, 2, 9, 99].map(attempt => [module.waitBefore(attempt, 0), module.waitBefore(attempt, 1)])"
    )
    assert evaluate("live.js", expression) == [
        [500, 1_000],
        [1_000, 2_000],
        [2_000, 4_000],
        [15_000, 30_000],
        [15_000, 30_000],
    ]
