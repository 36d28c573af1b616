"""What a person reads of forecasts."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from stream_job.forecasts.presentation import forecasts_table, run_report, scores_table
from stream_job.forecasts.reports import ForecastReport, RunReport, ScoreReport

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def drawn(what: RenderableType) -> str:
    page = StringIO()
    Console(width=100, file=page).print(what)
    return page.getvalue()


def forecast(symbol: str, source_kind: str | None) -> ForecastReport:
    return ForecastReport(
        symbol=symbol,
        interval="1h",
        bucket_start=NOON,
        model="naive",
        is_chosen=True,
        price="101.50",
        lower="99.25",
        upper="103.80",
        confidence=0.9,
        trained_until=NOON,
        source_kind=source_kind,
        created_at=NOON,
        reason="No model beats the naive one: drift comes closest.",
    )


def test_a_forecast_shows_its_interval_its_confidence_and_why_its_model_was_chosen() -> None:
    page = drawn(forecasts_table([forecast("BTC-USD", "live")]))
    for text in ("2026-01-05 12:00", "101.50", "99.25 to 103.80", "90%", "naive"):
        assert text in page
    assert "BTC-USD 1h: No model beats the naive one" in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("simulated", "Of simulated prices. No model"),
        ("replay", "Of replay prices. No model"),
        (None, "Nobody knows how real its prices are. No model"),
        ("history", "1h: No model"),
    ],
)
def test_prices_that_are_not_real_say_so(kind: str | None, said: str) -> None:
    assert said in drawn(forecasts_table([forecast("BTC-USD.SIM", kind)]))


def test_what_was_left_out_is_said_with_the_reason() -> None:
    report = RunReport(
        scored=3,
        forecasts=[],
        backtests=[],
        left_out={"AAPL 1d": "AAPL 1d: 12 candles, 60 are needed."},
        failed={},
        postponed=["MSFT 1d"],
    )
    page = drawn(run_report(report))
    assert "AAPL 1d: 12 candles, 60 are needed." in page
    assert "Left for the next run, as time was up: MSFT 1d." in page
    assert "3 forecasts of before have come true and are scored." in page


def test_where_there_is_nothing_the_way_on_is_said() -> None:
    assert "candlewick forecast run" in drawn(forecasts_table([]))
    assert "No forecast has come true yet" in drawn(scores_table([]))


def test_scores_show_the_coverage_beside_what_was_promised() -> None:
    score = ScoreReport(
        symbol="BTC-USD",
        interval="1h",
        model="ridge",
        forecasts=1234,
        mase=0.9876,
        coverage=0.885,
        confidence=0.9,
        newest=NOON,
    )
    page = drawn(scores_table([score]))
    for text in ("ridge", "1,234", "0.988", "88.5%", "90%"):
        assert text in page
