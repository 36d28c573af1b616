"""Forecasts, backtests and scores as tables for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from producer.cli.tables import count, moment, remarks, table, text
from producer.dead_letters.presentation import UNKNOWN, printable
from stream_job.forecasts.reports import BacktestReport, ForecastReport, RunReport, ScoreReport

NOTHING = "Nothing has been forecast yet: candlewick forecast run"
NO_SCORE = "No forecast has come true yet: one is scored when the final candle of its time arrives."
REAL = {"live", "history"}


def forecasts_table(listed: Sequence[ForecastReport]) -> RenderableType:
    """Draw a row a forecast, and beneath them why its model was chosen, and which prices are not real."""
    if not listed:
        return Text(NOTHING)
    drawn = table(
        {
            "Symbol": "name",
            "Of": "name",
            "Candle (UTC)": "words",
            "Price": "number",
            "Interval": "words",
            "At": "number",
            "Model": "name",
        },
        (
            (
                one.symbol,
                one.interval,
                moment(one.bucket_start)[:16],
                one.price,
                f"{one.lower} to {one.upper}",
                f"{one.confidence:.0%}",
                one.model,
            )
            for one in listed
        ),
    )
    return remarks(drawn, {f"{one.symbol} {one.interval}": _said(one) for one in listed if one.is_chosen})


def backtests_table(listed: Sequence[BacktestReport]) -> RenderableType:
    """Draw a row a model, and beneath them which one each series is forecast with, and why."""
    drawn = table(
        {
            # Whole at 80 columns: a long symbol goes on in the next line.
            "Series": "words",
            "Model": "name",
            "Tested": "number",
            "MASE": "number",
            "Ratio": "number",
            "p": "number",
            "Within": "number",
            "Width": "number",
        },
        (
            (
                f"{one.symbol} {one.interval}",
                one.model,
                count(one.forecast_count),
                _number(one.mase),
                _number(one.relative_mase),
                _number(one.p_value, 4),
                f"{one.coverage:.1%}",
                f"{one.width:.2%}",
            )
            for one in listed
        ),
    )
    return remarks(drawn, {f"{one.symbol} {one.interval}": one.reason for one in listed})


def scores_table(listed: Sequence[ScoreReport]) -> RenderableType:
    """Draw a row a model of a series."""
    if not listed:
        return Text(NO_SCORE)
    return table(
        {
            "Symbol": "name",
            "Of": "name",
            "Model": "name",
            "Forecasts": "number",
            "MASE": "number",
            "Coverage": "number",
            "Wanted": "number",
            "Newest (UTC)": "words",
        },
        (
            (
                one.symbol,
                one.interval,
                one.model,
                count(one.forecasts),
                _number(one.mase),
                f"{one.coverage:.1%}",
                f"{one.confidence:.0%}",
                moment(one.newest)[:16],
            )
            for one in listed
        ),
    )


def run_report(done: RunReport) -> RenderableType:
    """Draw what a run has done, and say what it has not."""
    drawn: list[RenderableType] = []
    if done.backtests:
        drawn.append(backtests_table(done.backtests))
    if done.forecasts:
        drawn.append(forecasts_table(done.forecasts))
    drawn += [Text(printable(sentence)) for sentence in (*done.left_out.values(), *done.failed.values())]
    if done.postponed:
        drawn.append(Text(printable(f"Left for the next run, as time was up: {', '.join(done.postponed)}.")))
    if done.scored:
        drawn.append(Text(f"{done.scored:,} forecasts of before have come true and are scored."))
    return Group(*drawn) if drawn else Text("There is nothing to forecast: no symbol is followed.")


def _said(one: ForecastReport) -> str:
    origin = "" if one.source_kind in REAL else f"Of {text(one.source_kind)} prices. "
    if one.source_kind is None:
        origin = "Nobody knows how real its prices are. "
    return f"{origin}{one.reason or ''}".strip()


def _number(value: float | None, digits: int = 3) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"
