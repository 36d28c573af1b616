"""Every setting is documented, and everything documented is a setting."""

import pytest
from pydantic_settings import BaseSettings

from api.live.settings import LiveSettings
from api.settings import ApiSettings
from db.settings import DatabaseSettings
from ops.secrets import assignments
from ops.settings import TEMPLATE, OpsSettings
from producer.settings import ProducerSettings
from stream_job.alert_delivery.settings import AlertSettings
from stream_job.forecasts.settings import ForecastSettings
from stream_job.settings import JobSettings

SETTINGS: list[type[BaseSettings]] = [
    ApiSettings,
    LiveSettings,
    DatabaseSettings,
    OpsSettings,
    ProducerSettings,
    JobSettings,
    AlertSettings,
    ForecastSettings,
]
# Of benchmarks and tests: not a user's.
INTERNAL = {"CONNECTOR_JAR", "JOB_BOUNDED"}


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.__name__)
def test_every_setting_of_a_service_is_in_the_env_template(settings: type[BaseSettings]) -> None:
    names = {name.upper() for name in settings.model_fields} - INTERNAL
    assert names <= set(assignments(TEMPLATE.read_text()))


def test_everything_in_the_env_template_is_a_setting_of_some_service() -> None:
    known = {name.upper() for settings in SETTINGS for name in settings.model_fields}
    assert set(assignments(TEMPLATE.read_text())) <= known
