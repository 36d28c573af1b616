"""What models expect, how they did before, and what became of it."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import INTERVALS, Base, Now, one_of
from db.models.reference import SOURCE_KINDS

KEY = ("symbol", "interval", "bucket_start", "model")


class Forecast(Base):
    """A model's closing price of the candle that starts at `bucket_start`, within [`lower`, `upper`].

    `trained_until` is the end of the newest data the model had seen, `confidence` the probability that
    the price falls into the interval. `is_chosen` is the one to show. `source_kind` says how real the prices
    are that it was made from, null where nobody knows; `naive_mae` is the mean absolute error of the naive
    forecast over what the model was trained on, by which its own error is measured.
    """

    __tablename__ = "forecasts"
    __table_args__ = (
        one_of("interval", INTERVALS),
        CheckConstraint(
            "0 < lower AND lower <= price AND price <= upper AND upper < 'NaN'", name="prices_ordered"
        ),
        CheckConstraint("0 < confidence AND confidence < 1", name="confidence_probability"),
        CheckConstraint("trained_until <= bucket_start", name="not_trained_on_future"),
        one_of("source_kind", SOURCE_KINDS),
        CheckConstraint("0 <= naive_mae AND naive_mae < 'NaN'", name="naive_mae_not_negative"),
        Index(
            "uq_forecasts_chosen",
            "symbol",
            "interval",
            "bucket_start",
            unique=True,
            postgresql_where=text("is_chosen"),
        ),
    )

    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[Decimal]
    lower: Mapped[Decimal]
    upper: Mapped[Decimal]
    confidence: Mapped[float]
    trained_until: Mapped[datetime]
    created_at: Mapped[Now]
    is_chosen: Mapped[bool] = mapped_column(server_default=text("false"))
    source_kind: Mapped[str | None]
    naive_mae: Mapped[Decimal | None]


class ForecastScore(Base):
    """What became of a forecast, by the whole final candle of its time: `actual` is its close.

    The mean of `scaled_error` is the MASE, that of `is_within` the coverage. `scaled_error` is null where
    the price had never moved before. Scored anew where a candle is corrected: `candle_revision` tells.
    """

    __tablename__ = "forecast_scores"
    __table_args__ = (
        ForeignKeyConstraint(KEY, [f"forecasts.{name}" for name in KEY], ondelete="CASCADE"),
        CheckConstraint("0 < actual AND actual < 'NaN'", name="actual_positive"),
        CheckConstraint("0 <= absolute_error AND absolute_error < 'NaN'", name="absolute_error_not_negative"),
        CheckConstraint("0 <= scaled_error AND scaled_error < 'Infinity'", name="scaled_error_finite"),
        CheckConstraint("candle_revision > 0", name="candle_revision_positive"),
    )

    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    bucket_start: Mapped[datetime] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    actual: Mapped[Decimal]
    absolute_error: Mapped[Decimal]
    scaled_error: Mapped[float | None]
    is_within: Mapped[bool]
    candle_revision: Mapped[int]
    scored_at: Mapped[Now]


class ForecastBacktest(Base):
    """How a model did in the newest walk-forward backtest of a symbol and interval.

    `mase` is null where the price never moved; `relative_mase` is the error divided by that of the naive
    model over the same candles, `p_value` the probability to look as good by chance. `width` is the mean
    width of the intervals as a share of the price, `half_width` the half of the next one, a logarithmic
    return. `reason` says why the chosen model of the series is the chosen one: the same in all its rows.
    """

    __tablename__ = "forecast_backtests"
    __table_args__ = (
        one_of("interval", INTERVALS),
        CheckConstraint("0 < confidence AND confidence < 1", name="confidence_probability"),
        CheckConstraint("0 <= coverage AND coverage <= 1", name="coverage_share"),
        CheckConstraint("forecast_count > 0", name="forecast_count_positive"),
        CheckConstraint("0 <= p_value AND p_value <= 1", name="p_value_probability"),
        Index(
            "uq_forecast_backtests_chosen",
            "symbol",
            "interval",
            unique=True,
            postgresql_where=text("is_chosen"),
        ),
    )

    symbol: Mapped[str] = mapped_column(primary_key=True)
    interval: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    is_chosen: Mapped[bool]
    reason: Mapped[str]
    confidence: Mapped[float]
    forecast_count: Mapped[int]
    mase: Mapped[float | None]
    relative_mase: Mapped[float | None]
    p_value: Mapped[float | None]
    coverage: Mapped[float]
    width: Mapped[float]
    half_width: Mapped[float]
    tested_until: Mapped[datetime]
    created_at: Mapped[Now]
