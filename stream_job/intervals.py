"""How long the candle of each interval is; a day's is that of its date, whenever the venue's session is."""

from datetime import timedelta
from typing import Final

LENGTH: Final = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
}
