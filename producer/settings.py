"""Settings of the producer, read from the environment and the env file."""

from __future__ import annotations

import os
import re
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from producer.access.hosts import HostNames
from producer.errors import ConfigurationError

FEEDS_AUTO = "auto"
FEEDS_NONE = "none"
FEED_NAMES = frozenset(
    {"coinbase", "kraken", "binance", "alpaca", "finnhub", "fmp", "alpha_vantage", "simulator"}
)
# Providers that are off as long as one of these settings is empty.
KEY_SETTINGS = {
    "alpaca": ("alpaca_key", "alpaca_secret"),
    "finnhub": ("finnhub_key",),
    "fmp": ("fmp_api_key",),
    "alpha_vantage": ("alpha_vantage_api_key",),
}
# `auto` runs those of them whose key is set: who has asked for a key wants its quotes.
POLLED = ("alpha_vantage", "fmp")

# Where the symbols of a provider that has a feed are configured.
SYMBOL_SETTINGS = {
    "coinbase": "coinbase_products",
    "kraken": "kraken_symbols",
    "binance": "binance_symbols",
    "alpaca": "alpaca_symbols",
    "finnhub": "finnhub_symbols",
    "fmp": "fmp_symbols",
    "alpha_vantage": "alpha_vantage_symbols",
    "simulator": "simulator_symbols",
}

PAIR = re.compile(r"[A-Z0-9]+-[A-Z0-9]+")

CommaList = Annotated[tuple[str, ...], NoDecode]


class ProducerSettings(BaseSettings):
    """What the producer needs to know; each name is an environment variable in upper case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = 5672
    rabbitmq_vhost: str = "market"
    rabbitmq_producer_password: SecretStr = SecretStr("")

    event_shards: int = Field(default=4, ge=1, le=1024)
    events_retention_age: str = "7D"
    events_retention_bytes: int = Field(default=20_000_000_000, gt=0)

    flink_host: str = "127.0.0.1"
    flink_rest_port: int = 8081

    producer_host: str = "127.0.0.1"
    producer_port: int = 8000
    producer_allowed_hosts: HostNames = ()
    producer_api_key: SecretStr = SecretStr("")
    producer_changes_per_minute: int = Field(default=120, ge=1)

    feeds: CommaList = (FEEDS_AUTO,)
    coinbase_products: CommaList = ("BTC-USD", "ETH-USD", "SOL-USD")
    coinbase_ws_url: str = "wss://ws-feed.exchange.coinbase.com"
    coinbase_rest_url: str = "https://api.exchange.coinbase.com"
    kraken_symbols: CommaList = ("BTC-USD", "ETH-USD", "SOL-USD")
    kraken_ws_url: str = "wss://ws.kraken.com/v2"
    kraken_rest_url: str = "https://api.kraken.com"
    binance_symbols: CommaList = ("BTC-USDT", "ETH-USDT", "SOL-USDT")
    binance_ws_url: str = "wss://stream.binance.com:9443"
    binance_rest_url: str = "https://api.binance.com"
    alpaca_symbols: CommaList = ("AAPL", "MSFT", "SPY")
    alpaca_key: SecretStr = SecretStr("")
    alpaca_secret: SecretStr = SecretStr("")
    alpaca_ws_url: str = "wss://stream.data.alpaca.markets/v2/iex"
    alpaca_rest_url: str = "https://data.alpaca.markets"
    finnhub_symbols: CommaList = ("AAPL", "MSFT", "BINANCE:BTCUSDT")
    finnhub_key: SecretStr = SecretStr("")
    finnhub_ws_url: str = "wss://ws.finnhub.io"
    simulator_symbols: CommaList = ("BTC-USD.SIM", "ETH-USD.SIM", "SOL-USD.SIM", "AAPL.SIM", "MSFT.SIM")
    simulator_seed: int = 42
    simulator_history_minutes: int = Field(default=120, ge=0)
    simulator_events_per_second: float = Field(default=20.0, gt=0)

    fmp_api_key: SecretStr = SecretStr("")
    fmp_symbols: CommaList = ("AAPL", "MSFT", "GOOGL", "NVDA", "META", "AMZN", "SPY", "JPM")
    fmp_plan: Literal["free", "starter", "premium"] = "free"
    fmp_base_url: str = "https://financialmodelingprep.com"
    alpha_vantage_api_key: SecretStr = SecretStr("")
    alpha_vantage_symbols: CommaList = ("IBM",)
    alpha_vantage_plan: Literal["free", "premium"] = "free"
    alpha_vantage_calls_per_day: int = Field(default=25, ge=1)
    alpha_vantage_base_url: str = "https://www.alphavantage.co"

    schedule_daily_bars_delay_minutes: int = Field(default=30, ge=1, le=1_440)
    schedule_fill_gaps_minutes: int = Field(default=15, ge=1)
    schedule_check_health_minutes: int = Field(default=5, ge=1)
    schedule_refresh_days: int = Field(default=365, ge=1)
    schedule_runs_retention_days: int = Field(default=90, ge=1)
    silence_minutes: int = Field(default=15, ge=1)

    forecasts_enabled: bool = True
    forecast_minutes: float = Field(default=15.0, gt=0)

    @field_validator(
        "feeds",
        "coinbase_products",
        "kraken_symbols",
        "binance_symbols",
        "alpaca_symbols",
        "finnhub_symbols",
        "fmp_symbols",
        "alpha_vantage_symbols",
        "simulator_symbols",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
        return value

    @field_validator("fmp_symbols", "alpha_vantage_symbols")
    @classmethod
    def _spell_canonically(cls, symbols: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(symbol.upper() for symbol in symbols))

    @field_validator("feeds")
    @classmethod
    def _name_feeds(cls, feeds: tuple[str, ...]) -> tuple[str, ...]:
        unknown = set(feeds) - FEED_NAMES
        if unknown and feeds not in {(FEEDS_AUTO,), (FEEDS_NONE,)}:
            raise ValueError(
                f"FEEDS names {', '.join(sorted(unknown))}: write auto, none, or a comma list of "
                f"{', '.join(sorted(FEED_NAMES))}."
            )
        return feeds

    @field_validator("kraken_symbols", "binance_symbols")
    @classmethod
    def _name_pairs(cls, symbols: tuple[str, ...]) -> tuple[str, ...]:
        for symbol in symbols:
            if not PAIR.fullmatch(symbol):
                raise ValueError(f"{symbol!r} is no pair of currencies: write it as BTC-USDT.")
        return symbols

    @field_validator("simulator_symbols")
    @classmethod
    def _say_simulated(cls, symbols: tuple[str, ...]) -> tuple[str, ...]:
        for symbol in symbols:
            if not symbol.endswith(".SIM"):
                raise ValueError(
                    f"SIMULATOR_SYMBOLS: {symbol!r} does not end in '.SIM'. A simulated symbol must say so, "
                    f"or its candles would mix with real ones: write {symbol + '.SIM'!r}."
                )
        return symbols

    @model_validator(mode="after")
    def _let_feeds_start(self) -> Self:
        """What is known to go wrong with the feeds is said at once, not when they start."""
        for feed in self.feeds:
            missing = [name.upper() for name in KEY_SETTINGS.get(feed, ()) if not self._is_set(name)]
            if missing:
                raise ValueError(f"FEEDS names {feed}, which needs {' and '.join(missing)}: set it as well.")
        symbols = {feed: getattr(self, setting) for feed, setting in SYMBOL_SETTINGS.items()}
        feeds = self.keyed_polled if self.feeds == (FEEDS_AUTO,) else self.feeds
        for one, other in combinations(feeds, 2):
            shared = sorted(set(symbols.get(one, ())) & set(symbols.get(other, ())))
            if shared:
                raise ValueError(
                    f"FEEDS names {one} and {other}, and both have {', '.join(shared)}: a candle has one "
                    f"source. Leave one feed out, or give the two different symbols."
                )
        return self

    @property
    def keyed_polled(self) -> tuple[str, ...]:
        """The polled providers whose key is set."""
        return tuple(name for name in POLLED if self.has_key(name))

    def has_key(self, provider: str) -> bool:
        """Say whether everything is set that a provider needs to be let in."""
        return all(self._is_set(name) for name in KEY_SETTINGS[provider])

    def _is_set(self, name: str) -> bool:
        key: SecretStr = getattr(self, name)
        return bool(key.get_secret_value())


def load_settings() -> ProducerSettings:
    """Read the settings; the environment wins over the file named by CANDLEWICK_ENV_FILE.

    Raises :class:`ConfigurationError`, which names each setting that is wrong and never its value's secret.
    """
    env_file = os.environ.get("CANDLEWICK_ENV_FILE", ".env")
    try:
        return ProducerSettings(_env_file=env_file)  # type: ignore[call-arg]  # not seen by the type checker
    except ValidationError as error:
        faults = (
            ": ".join(
                part for part in (".".join(map(str, fault["loc"])).upper(), fault["msg"].rstrip(".")) if part
            )
            for fault in error.errors()
        )
        raise ConfigurationError(
            f"{'; '.join(faults)}. Correct it in {env_file!r} or in the environment."
        ) from None
