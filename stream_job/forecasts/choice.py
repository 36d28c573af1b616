"""Which model is shown: one that beats the naive forecast by more than noise, or else the naive one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stream_job.forecasts.backtest import LEAST_JUDGED, ModelBacktest
from stream_job.forecasts.models import NAIVE
from stream_job.forecasts.series import Floats

# How often chance alone may make some model look better than the naive one.
SIGNIFICANCE: Final = 0.05


@dataclass(frozen=True)
class Comparison:
    """A model beside the naive one, over the candles that both have forecast.

    ``relative_mase`` below 1 is better; ``p_value`` is the probability to look as good by chance.
    """

    model: str
    relative_mase: float | None
    p_value: float | None


@dataclass(frozen=True)
class Choice:
    """The model that is shown, why, and what it was compared with."""

    model: str
    reason: str
    comparisons: tuple[Comparison, ...]


def choose(backtests: Sequence[ModelBacktest]) -> Choice:
    """Choose by the Diebold-Mariano test, one-sided, on scaled errors; raises ValueError without a naive one.

    Franses, 2016, A note on the mean absolute scaled error, shows that these errors suit the test. As several
    models are compared with one, each has to pass at its share of ``SIGNIFICANCE`` (Bonferroni).
    """
    naive = next((one for one in backtests if one.model == NAIVE), None)
    if naive is None:
        raise ValueError("nothing can be chosen without the naive model")
    others = tuple(_compared(one, naive) for one in backtests if one is not naive)
    comparisons = (Comparison(NAIVE, None if naive.mase is None else 1.0, None), *others)
    known = sorted(
        (one for one in others if one.relative_mase is not None), key=lambda one: one.relative_mase or 0.0
    )
    if not known:
        return Choice(NAIVE, f"No model beats the naive one: {_why_none(others)}.", comparisons)
    wanted = SIGNIFICANCE / len(others)
    better = next((one for one in known if one.p_value is not None and one.p_value < wanted), None)
    if better is not None:
        return Choice(better.model, f"{_said(better)}: it beats the naive one.", comparisons)
    return Choice(
        NAIVE,
        f"No model beats the naive one: {_said(known[0])} comes closest, and p below {wanted:.4f} is wanted.",
        comparisons,
    )


def p_value(gains: Floats) -> float:
    """Return how likely gains this high are by chance where the models are equally good.

    The test of Diebold and Mariano, 1995, with the correction of Harvey, Leybourne and Newbold, 1997: for
    forecasts of one step it is Student's t-test of the mean difference.
    """
    from scipy.stats import ttest_1samp

    mean = float(gains.mean())
    if np.ptp(gains) <= 1e-9 * abs(mean):
        return 0.0 if mean > 0 else 1.0
    return float(ttest_1samp(gains, 0.0, alternative="greater").pvalue)


def _compared(one: ModelBacktest, naive: ModelBacktest) -> Comparison:
    shared = min(len(one.errors), len(naive.errors))
    its, naives = one.errors[-shared:], naive.errors[-shared:]
    known = ~np.isnan(its)
    its, naives = its[known], naives[known]
    if len(its) < LEAST_JUDGED or not naives.any():
        return Comparison(one.model, None, None)
    return Comparison(one.model, float(its.mean() / naives.mean()), p_value(naives - its))


def _said(one: Comparison) -> str:
    return f"{one.model} with {one.relative_mase:.3f} of its error (p = {one.p_value:.4f})"


def _why_none(others: Sequence[Comparison]) -> str:
    return "the price does not move" if others else "there is no other"
