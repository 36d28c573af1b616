"""Raw events, gaps, runs, forecasts and alerts, as they are answered."""

from __future__ import annotations

from datetime import date, datetime

from api.shapes.record import Exact, Json, Page, Record


class Snapshot(Record):
    """A market event as it came in; the venue's time is `event_time`, ours `ingest_time`."""

    event_time: datetime
    event_id: str
    source: str
    kind: str
    ingest_time: datetime
    trading_day: date | None
    sequence: int | None
    price: Exact | None
    size: Exact | None
    day_volume: Exact | None
    bid: Exact | None
    ask: Exact | None
    day_open: Exact | None
    day_high: Exact | None
    day_low: Exact | None
    previous_close: Exact | None
    market_cap: Exact | None


class Snapshots(Page):
    """Events of a symbol."""

    symbol: str
    source_kind: str
    snapshots: list[Snapshot]


class Gap(Record):
    """A time `[started_at, ended_at)` for which data is missing; no end while it lasts."""

    id: int
    symbol: str
    source: str
    reason: str
    started_at: datetime
    ended_at: datetime | None
    missing_count: int | None
    detected_at: datetime
    closed_at: datetime | None
    closed_by_run_id: int | None


class Gaps(Page):
    """Gaps, the one found last first."""

    gaps: list[Gap]


class Run(Record):
    """A fetch, stream, backfill or replay: what was asked, how many events came, how it ended."""

    id: int
    kind: str
    source: str
    request: Json
    status: str
    started_at: datetime
    finished_at: datetime | None
    event_count: int
    call_count: int
    error: str | None


class Runs(Page):
    """Runs, the newest first."""

    runs: list[Run]


class Forecast(Record):
    """A model's closing price of the candle that begins at `bucket_start`, within `lower` and `upper`.

    `confidence` is the probability that the price falls in between; `is_chosen` the model to show.
    """

    interval: str
    bucket_start: datetime
    model: str
    is_chosen: bool
    price: Exact
    lower: Exact
    upper: Exact
    confidence: float
    trained_until: datetime
    created_at: datetime


class Forecasts(Page):
    """Forecasts of a symbol."""

    symbol: str
    source_kind: str
    forecasts: list[Forecast]


class ForecastModel(Record):
    """How well a model forecasts a series: in the newest backtest, and since by what came true.

    `mase` below 1 is better than the naive forecast was, `relative_mase` compares with it over the same
    candles, and `coverage` should come to `confidence`. `reason` says why the chosen model is the chosen one.
    """

    interval: str
    model: str
    is_chosen: bool
    reason: str
    confidence: float
    forecast_count: int
    mase: float | None
    relative_mase: float | None
    p_value: float | None
    coverage: float
    width: float
    tested_until: datetime
    scored_count: int
    scored_mase: float | None
    scored_coverage: float | None


class ForecastModels(Page):
    """The models of a symbol's interval, the best in the backtest first."""

    symbol: str
    source_kind: str
    models: list[ForecastModel]


class AlertRule(Record):
    """Something to watch; where it is delivered to is not shown."""

    id: int
    name: str
    symbol: str
    kind: str
    interval: str | None
    parameters: Json
    is_enabled: bool
    created_at: datetime
    updated_at: datetime


class AlertRules(Page):
    """Rules that are not deleted, the oldest first."""

    alert_rules: list[AlertRule]


class AlertEvent(Record):
    """A rule that fired at `event_time`, by the market's clock."""

    rule_id: int
    symbol: str
    event_time: datetime
    message: str
    value: float | None
    created_at: datetime
    delivered_at: datetime | None
    delivery_error: str | None


class AlertEvents(Page):
    """Alerts, the newest first."""

    alert_events: list[AlertEvent]
