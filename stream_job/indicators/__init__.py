"""Technical indicators on final candles: pure Python, incremental, usable with or without Flink.

`catalogue.CATALOGUE` names every value; `indicator_set.IndicatorSet` computes them all over candles in
order; `series.IndicatorSeries` does so for one symbol and interval whose candles may still be corrected.
"""
