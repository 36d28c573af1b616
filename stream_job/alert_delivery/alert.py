"""One alert on its way to one receiver, and what the receiver is told."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

import msgspec

_NAMESPACE: Final = uuid.UUID("b6b9e6c5-6f0c-4d3c-9f3a-3f0a2c1d7e55")


@dataclass(frozen=True)
class Alert:
    """A row of `alert_deliveries` with its rule and event; `target` is a URL or an e-mail address.

    `target` is None where the rule has lost the channel, or was deleted, since it fired.
    """

    delivery_id: int
    rule_id: int
    rule_name: str
    kind: str
    symbol: str
    interval: str | None
    event_time: datetime
    channel: str
    is_test: bool
    attempts: int
    target: str | None
    message: str
    value: float | None

    @property
    def message_id(self) -> str:
        """An id that is the same at each attempt, also after a restart: by it receivers know duplicates."""
        key = f"{self.rule_id}|{self.symbol}|{_iso(self.event_time)}|{self.channel}"
        return f"msg_{uuid.uuid5(_NAMESPACE, key).hex}"

    @property
    def body(self) -> bytes:
        """JSON as Standard Webhooks shapes it: type, timestamp (when it happened) and data."""
        return msgspec.json.encode(
            {
                "type": "alert.test" if self.is_test else "alert.fired",
                "timestamp": _iso(self.event_time),
                "data": {
                    "rule_id": self.rule_id,
                    "rule": self.rule_name,
                    "kind": self.kind,
                    "symbol": self.symbol,
                    "interval": self.interval,
                    "event_time": _iso(self.event_time),
                    "value": self.value,
                    "message": self.message,
                    "test": self.is_test,
                },
            }
        )

    def email(self, sender: str, now: datetime) -> EmailMessage:
        """The e-mail, with a Message-ID that is the same at each attempt."""
        domain = sender.rpartition("@")[2].rstrip("> ") or "candlewick"
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = self.target
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{self.message_id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        # A header is one line, whatever is in the name of a rule.
        mail["Subject"] = " ".join(
            f"{'[Test] ' if self.is_test else ''}{self.symbol}: {self.rule_name}".split()
        )
        lines = [
            self.message,
            "",
            f"Rule {self.rule_id}: {self.rule_name} ({self.kind})",
            f"Symbol: {self.symbol}",
        ]
        lines += [f"Interval: {self.interval}"] if self.interval else []
        lines += [f"Time of the market: {_iso(self.event_time)}"]
        lines += [] if self.value is None else [f"Value: {self.value}"]
        mail.set_content("\n".join(lines) + "\n")
        return mail


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
