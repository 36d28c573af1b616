"""How good the forecasts are on real daily bars: `python -m benchmarks.forecast_accuracy`.

The bars are those of the bundled history, five shares of 2000 to 2013, not adjusted: a split is an error of
half the price to every model alike. Each model walks forward over all of them, as the backtest of the running
stack does over the newest.
"""

import argparse
import asyncio
import time

from producer.events import to_datetime
from producer.providers.history.bars import SYMBOLS, HistoryBars
from stream_job.forecasts.backtest import ModelBacktest, backtest
from stream_job.forecasts.choice import Choice, choose
from stream_job.forecasts.forecasting import models_for
from stream_job.forecasts.series import Candle, Series

CALENDAR = "XNYS"
HEADINGS = ("share", "model", "forecasts", "MASE", "to naive", "p", "coverage", "width")


def daily_series(symbol: str) -> Series:
    """Return the bundled daily closes of a share."""
    bars = asyncio.run(HistoryBars("history").bars(symbol, "1d", 0, 2**62, _free_of_charge))
    candles = tuple(Candle(to_datetime(bar.bucket_start), bar.close) for bar in bars)
    return Series(symbol, "1d", CALENDAR, "history", candles)


async def _free_of_charge() -> None:
    """No quota is asked: the bars are on this machine."""


def row(symbol: str, tested: ModelBacktest, choice: Choice) -> tuple[str, ...]:
    """Return a model's cells."""
    compared = next(one for one in choice.comparisons if one.model == tested.model)
    return (
        symbol,
        f"**{tested.model}**" if tested.model == choice.model else tested.model,
        f"{len(tested.errors):,}",
        f"{tested.mase:.4f}",
        f"{compared.relative_mase:.4f}",
        "" if compared.p_value is None else f"{compared.p_value:.4f}",
        f"{tested.coverage:.1%}",
        f"{tested.width:.2%}",
    )


def main() -> None:
    """Print a table in Markdown, the chosen model of each share in bold, and why."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--confidence", type=float, default=0.9, help="of the intervals (default 0.9)")
    parser.add_argument("--newest", type=int, help="forecast only so many candles, as a run does with 500")
    arguments = parser.parse_args()
    models = models_for(CALENDAR, "1d")
    longest = max(model.needs for model in models)
    print(f"| {' | '.join(HEADINGS)} |\n|---|---|{'---:|' * (len(HEADINGS) - 2)}")
    reasons = []
    for symbol in SYMBOLS:
        closes = daily_series(symbol).closes
        began = time.perf_counter()
        # Every model over the same candles, where there are enough for all of them.
        all_of_them = len(closes) - (longest if len(closes) > 2 * longest else models[0].needs)
        tested = backtest(models, closes, arguments.confidence, arguments.newest or all_of_them)
        choice = choose(tested)
        for one in tested:
            print(f"| {' | '.join(row(symbol, one, choice))} |", flush=True)
        reasons.append(f"{symbol}: {choice.reason} ({time.perf_counter() - began:.0f} s)")
    print("", *reasons, sep="\n")


if __name__ == "__main__":
    main()
