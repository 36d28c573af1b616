"""The loopback HTTP server where every answer is JSON, and what Coinbase Exchange's REST API would answer."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.answers import Answer, AnswerServer

TICKER = {
    "ask": "101.2600",
    "bid": "101.2400",
    "volume": "12345.67800000",
    "trade_id": 86326522,
    "price": "101.2500",
    "size": "0.20063227",
    "time": "2025-03-04T12:30:20.244075Z",
    "rfq_volume": "12.5",
}


def exchange_answer(path: str) -> object | None:
    """`/time` and the ticker of ABC-USD; every other product is none."""
    answers: dict[str, object] = {
        "/time": {"iso": "2025-03-04T12:30:20.244Z", "epoch": 1741091420.244},
        "/products/ABC-USD/ticker": TICKER,
    }
    return answers.get(path)


def refusal(status: int, body: object, **headers: str) -> Answer:
    """An answer that is no success; headers are written `Retry_After`."""
    return Answer(
        json.dumps(body), status, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


NOT_FOUND = refusal(404, {"message": "NotFound"})


class JsonServer(AnswerServer):
    """Answers each path, with its query, with what the function returns for it, 404 where that is None."""

    def __init__(self, answer: Callable[[str], object | None]) -> None:
        super().__init__(lambda question: _in_json(answer(question.target)))


def _in_json(found: object | None) -> Answer:
    if found is None:
        return NOT_FOUND
    return found if isinstance(found, Answer) else Answer(json.dumps(found))
