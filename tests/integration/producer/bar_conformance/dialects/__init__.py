"""The providers that the suite answers as: a new one with bars is one module here and one entry."""

from __future__ import annotations

from tests.integration.producer.bar_conformance.dialect import BarDialect
from tests.integration.producer.bar_conformance.dialects.alpaca import Alpaca
from tests.integration.producer.bar_conformance.dialects.alpha_vantage import AlphaVantage
from tests.integration.producer.bar_conformance.dialects.binance import Binance
from tests.integration.producer.bar_conformance.dialects.coinbase import Coinbase
from tests.integration.producer.bar_conformance.dialects.fmp import Fmp
from tests.integration.producer.bar_conformance.dialects.kraken import Kraken

BAR_DIALECTS: tuple[BarDialect, ...] = (Coinbase(), Binance(), Kraken(), Alpaca(), Fmp(), AlphaVantage())
