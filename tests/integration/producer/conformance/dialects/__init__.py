"""The venues that the conformance suite speaks as: a new provider is one module here and one entry."""

from __future__ import annotations

from tests.integration.producer.conformance.dialect import Dialect
from tests.integration.producer.conformance.dialects.alpaca import Alpaca
from tests.integration.producer.conformance.dialects.binance import Binance
from tests.integration.producer.conformance.dialects.coinbase import Coinbase
from tests.integration.producer.conformance.dialects.finnhub import Finnhub
from tests.integration.producer.conformance.dialects.kraken import Kraken

DIALECTS: tuple[Dialect, ...] = (Coinbase(), Kraken(), Binance(), Alpaca(), Finnhub())
