"""The job's settings come from the environment and the env file."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from stream_job.settings import JobSettings


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty env file, and none of our settings in the environment."""
    for field in JobSettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    file = tmp_path / "test.env"
    file.touch()
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(file))
    return file


def test_the_environment_wins_over_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("FLINK_REST_PORT=7777\nFLINK_PARALLELISM=2\nUNKNOWN=1\n")
    monkeypatch.setenv("FLINK_REST_PORT", "8888")
    settings = JobSettings.load()
    assert settings.rest_url == "http://127.0.0.1:8888"
    assert settings.flink_parallelism == 2


def test_an_empty_setting_is_its_default(env_file: Path) -> None:
    env_file.write_text("EVENT_SHARDS=\n")
    assert JobSettings.load().event_shards == 4


@pytest.mark.usefixtures("env_file")
def test_the_brokers_address_carries_any_password_and_any_virtual_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RABBITMQ_JOB_PASSWORD", "p@ss/w:rd%20+#?")
    monkeypatch.setenv("RABBITMQ_VHOST", "/market data")
    assert (
        JobSettings.load().amqp_uri
        == "amqp://stream_job:p%40ss%2Fw%3Ard%2520%2B%23%3F@127.0.0.1:5672/%2Fmarket%20data"
    )


def test_settings_do_not_show_the_password(env_file: Path) -> None:
    env_file.write_text("RABBITMQ_JOB_PASSWORD=sesame\n")
    assert "sesame" not in repr(JobSettings.load())


def test_there_is_a_queue_for_each_shard(env_file: Path) -> None:
    env_file.write_text("EVENT_SHARDS=2\n")
    assert JobSettings.load().queues == ["market.events.0", "market.events.1"]


@pytest.mark.usefixtures("env_file")
def test_checkpoints_and_savepoints_have_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = JobSettings.load()
    assert settings.checkpoints == tmp_path / "var/flink/checkpoints"
    assert settings.savepoints == tmp_path / "var/flink/savepoints"


@pytest.mark.parametrize(
    "line",
    ["EVENT_SHARDS=0", "FLINK_PARALLELISM=0", "JOB_CHECKPOINT_SECONDS=0", "JOB_OUT_OF_ORDERNESS_MS=-1"],
)
def test_a_setting_out_of_its_range_is_refused_by_name(env_file: Path, line: str) -> None:
    env_file.write_text(f"{line}\n")
    with pytest.raises(ValidationError, match=line.partition("=")[0].lower()):
        JobSettings.load()
