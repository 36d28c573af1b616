"""Settings of the forecasts, read from the environment and the env file."""

from __future__ import annotations

import os
from typing import Self

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ForecastSettings(BaseSettings):
    """What forecasting needs to know; each name is an environment variable in upper case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    forecast_confidence: float = Field(default=0.9, ge=0.5, le=0.99)
    forecast_backtest_hours: float = Field(default=24.0, ge=0)
    forecast_minutes: float = Field(default=15.0, gt=0)

    @classmethod
    def load(cls) -> Self:
        """The environment, and under it the file that `CANDLEWICK_ENV_FILE` names (default `.env`)."""
        return cls(_env_file=os.environ.get("CANDLEWICK_ENV_FILE", ".env"))  # type: ignore[call-arg]
