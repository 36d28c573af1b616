"""The live feed of Coinbase Exchange: trades, heartbeats and the last bid and ask of some products."""

from __future__ import annotations

from producer.errors import ProviderError
from producer.providers.coinbase.frames import Frame, parse_frame, subscription
from producer.providers.coinbase.translator import CoinbaseTranslator
from producer.providers.streaming.connection import Patience
from producer.providers.streaming.feed import StreamingFeed
from producer.providers.streaming.venue import Heard, Venue


class CoinbaseVenue(Venue):
    """Coinbase Exchange: each product has a heartbeat a second, which tells its newest trade."""

    title = "Coinbase"
    url_setting = "COINBASE_WS_URL"
    symbols_setting = "COINBASE_PRODUCTS"

    def __init__(self, source: str, url: str, products: tuple[str, ...]) -> None:
        super().__init__(source, url, products)
        self._translator = CoinbaseTranslator(source, self.status)
        self.tape = self._translator.tape

    def opening(self) -> list[str]:
        """Return the subscription."""
        return [subscription(self.symbols)]

    def translate(self, frame: str | bytes, ingest_time: int) -> Heard:
        """Return a frame's events; an error frame refuses the whole subscription."""
        parsed = parse_frame(frame)
        if parsed.type == "error":
            raise ProviderError(_refusal(parsed))
        return Heard(self._translator.translate(parsed, ingest_time))


class CoinbaseFeed(StreamingFeed):
    """Streams trades and heartbeats of some products; breaks mark where trades may be missing."""

    def __init__(
        self,
        url: str,
        products: tuple[str, ...],
        source: str = "coinbase",
        patience: Patience | None = None,
    ) -> None:
        super().__init__(CoinbaseVenue(source, url, products), patience)


def _refusal(frame: Frame) -> str:
    said = ": ".join(part for part in (frame.message, frame.reason) if part)
    return f"Coinbase refused the subscription: {said or 'no reason given'}. Check COINBASE_PRODUCTS."
