"""How far forecasts look ahead: one candle of these intervals."""

from __future__ import annotations

from typing import Literal

ForecastInterval = Literal["1h", "1d"]
