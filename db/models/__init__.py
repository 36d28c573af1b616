"""The one definition of the schema: every table of the database `market`.

Migrations are checked against it (`alembic check`), the Flink tables generated from it (`db.flink_ddl`).
"""

from db.models.access import API_SCOPES, ApiKey
from db.models.alerts import (
    ALERT_CHANNELS,
    ALERT_DELIVERY_STATUSES,
    ALERT_KINDS,
    AlertDelivery,
    AlertEvent,
    AlertRule,
)
from db.models.base import INTERVALS, Base
from db.models.forecasts import Forecast, ForecastBacktest, ForecastScore
from db.models.ingest import (
    GAP_REASONS,
    QUOTA_PERIODS,
    RUN_KINDS,
    RUN_STATUSES,
    BackfillWindow,
    Gap,
    IngestRun,
    QuotaUsage,
    ScheduledJob,
)
from db.models.market import ORIGINS, Candle, Indicator, Snapshot
from db.models.reference import SOURCE_KINDS, Asset, DataSource

__all__ = [
    "ALERT_CHANNELS",
    "ALERT_DELIVERY_STATUSES",
    "ALERT_KINDS",
    "API_SCOPES",
    "GAP_REASONS",
    "INTERVALS",
    "ORIGINS",
    "QUOTA_PERIODS",
    "RUN_KINDS",
    "RUN_STATUSES",
    "SOURCE_KINDS",
    "AlertDelivery",
    "AlertEvent",
    "AlertRule",
    "ApiKey",
    "Asset",
    "BackfillWindow",
    "Base",
    "Candle",
    "DataSource",
    "Forecast",
    "ForecastBacktest",
    "ForecastScore",
    "Gap",
    "Indicator",
    "IngestRun",
    "QuotaUsage",
    "ScheduledJob",
    "Snapshot",
]
