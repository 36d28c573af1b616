"""What Financial Modeling Prep answers: a list, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from producer.polling.http import Reply, RestServer
from producer.polling.refusals import Refusal, classify, not_understood
from producer.providers.fmp.refusals import NO_SUCH_PATH

Row = TypeVar("Row")


def listed(
    server: RestServer,
    reply: Reply,
    refusals: Sequence[Refusal],
    asked: Sequence[str],
    decoder: msgspec.json.Decoder[list[Row]],
    what: str,
) -> list[Row]:
    """Return the rows of an answer; raises :class:`ProviderError`, classified, where it is none."""
    if reply.status == 404:
        raise classify(server.name, reply, (NO_SUCH_PATH,), asked)
    # Its errors are plain text, or an object, under any status.
    if reply.status != 200 or not reply.text.lstrip().startswith("["):
        raise classify(server.name, reply, refusals, asked)
    try:
        return decoder.decode(reply.text)
    except msgspec.DecodeError as error:
        raise not_understood(server.name, what, error) from error
