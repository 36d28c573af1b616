"""Settings come from the environment over the env file, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from producer.broker import BrokerAddress
from producer.errors import ConfigurationError
from producer.replay import parse_speed
from producer.settings import ProducerSettings, load_settings


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "env"
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(path))
    for name in ProducerSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
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
    with pytest.raises(ConfigurationError, match=r"comma list of alpaca, alpha_vantage, binance, coinbase"):
        load_settings()


def test_a_feed_whose_key_is_set_is_let_in(env_file: Path) -> None:
    env_file.write_text("FEEDS=fmp\nFMP_API_KEY=sesame\n")
    assert load_settings().feeds == ("fmp",)


def test_symbols_of_stocks_are_spelled_as_venues_spell_them_and_named_once(env_file: Path) -> None:
    env_file.write_text("FMP_SYMBOLS=aapl, MSFT,AAPL,brk-b\n")
    assert load_settings().fmp_symbols == ("AAPL", "MSFT", "BRK-B")


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


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ("FEEDS=alpaca\n", "alpaca, which needs ALPACA_KEY and ALPACA_SECRET"),
        ("FEEDS=alpaca\nALPACA_KEY=PK1\n", "alpaca, which needs ALPACA_SECRET"),
        ("FEEDS=simulator,finnhub\n", "finnhub, which needs FINNHUB_KEY"),
        ("FEEDS=fmp\n", "fmp, which needs FMP_API_KEY"),
    ],
)
def test_a_feed_without_its_key_is_refused_with_the_setting_that_is_missing(
    env_file: Path, lines: str, missing: str
) -> None:
    env_file.write_text(lines)
    with pytest.raises(ConfigurationError, match=missing):
        load_settings()


def test_two_feeds_of_one_symbol_are_refused_because_a_candle_has_one_source(env_file: Path) -> None:
    env_file.write_text("FEEDS=coinbase,kraken\nKRAKEN_SYMBOLS=XRP-USD,BTC-USD\n")
    with pytest.raises(ConfigurationError, match="both have BTC-USD: a candle has one source"):
        load_settings()
    env_file.write_text("FEEDS=coinbase,kraken\nKRAKEN_SYMBOLS=XRP-USD,ADA-USD\n")
    assert load_settings().kraken_symbols == ("XRP-USD", "ADA-USD")


@pytest.mark.parametrize("setting", ["KRAKEN_SYMBOLS", "BINANCE_SYMBOLS"])
@pytest.mark.parametrize("symbol", ["BTC/USD", "BTCUSDT", "btc-usd", "BTC-"])
def test_a_pair_that_is_not_written_as_everywhere_is_refused(
    env_file: Path, setting: str, symbol: str
) -> None:
    env_file.write_text(f"{setting}={symbol}\n")
    with pytest.raises(ConfigurationError, match=f"{setting}: .*'{symbol}' is no pair.*BTC-USDT"):
        load_settings()


def test_no_password_shows_in_what_is_printed(env_file: Path) -> None:
    secrets = (
        "RABBITMQ_PRODUCER_PASSWORD",
        "PRODUCER_API_KEY",
        "FINNHUB_KEY",
        "FMP_API_KEY",
        "ALPHA_VANTAGE_API_KEY",
    )
    env_file.write_text("".join(f"{name}=sesame\n" for name in secrets))
    settings = load_settings()
    assert "sesame" not in repr(settings) + repr(BrokerAddress.from_settings(settings))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "fast", ""])
def test_a_speed_is_a_positive_number_or_max(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="neither a positive number nor max"):
        parse_speed(text)
