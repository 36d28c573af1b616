"""Settings come from the environment over the env file, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from producer.broker import BrokerAddress
from producer.errors import ConfigurationError
from producer.replay import parse_speed
from producer.settings import load_settings


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(path))
    for name in ("FEEDS", "COINBASE_PRODUCTS", "SIMULATOR_SYMBOLS", "RABBITMQ_PRODUCER_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_the_environment_wins_over_the_env_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("FEEDS=simulator\nCOINBASE_PRODUCTS=A-USD, B-USD\n")
    monkeypatch.setenv("FEEDS", "none")
    settings = load_settings()
    assert settings.feeds == ("none",)
    assert settings.coinbase_products == ("A-USD", "B-USD")


def test_several_feeds_are_separated_by_commas(env_file: Path) -> None:
    env_file.write_text("FEEDS=coinbase,simulator\n")
    assert load_settings().feeds == ("coinbase", "simulator")


@pytest.mark.parametrize("feeds", ["krake", "auto,simulator", "coinbase,none"])
def test_a_feed_that_is_none_is_refused_with_those_there_are(env_file: Path, feeds: str) -> None:
    env_file.write_text(f"FEEDS={feeds}\n")
    with pytest.raises(ConfigurationError, match="comma list of coinbase, simulator"):
        load_settings()


def test_a_wrong_setting_is_named_with_the_file_to_correct(env_file: Path) -> None:
    env_file.write_text("EVENT_SHARDS=0\nPRODUCER_PORT=http\n")
    with pytest.raises(ConfigurationError) as refusal:
        load_settings()
    for part in ("EVENT_SHARDS: ", "PRODUCER_PORT: ", str(env_file)):
        assert part in str(refusal.value)


def test_a_simulated_symbol_must_say_that_it_is(env_file: Path) -> None:
    env_file.write_text("SIMULATOR_SYMBOLS=BTC-USD\n")
    with pytest.raises(ConfigurationError, match=r"write 'BTC-USD\.SIM'"):
        load_settings()


def test_no_password_shows_in_what_is_printed(env_file: Path) -> None:
    env_file.write_text("RABBITMQ_PRODUCER_PASSWORD=sesame\nPRODUCER_API_KEY=sesame\n")
    settings = load_settings()
    assert "sesame" not in repr(settings) + repr(BrokerAddress.from_settings(settings))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "fast", ""])
def test_a_speed_is_a_positive_number_or_max(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="neither a positive number nor max"):
        parse_speed(text)
