"""Dead letters over HTTP: what the job could not accept, looked at, brought back or removed.

Who looks takes the letters out of their queue for that moment, so looking asks for a key as well.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StrictBool

from producer.api.endpoints import ServicesDep
from producer.api.models import Moment
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.broker import BrokerAddress
from producer.dead_letters import actions
from producer.dead_letters.errors import (
    DeadLettersBusyError,
    DeadLettersMissingError,
    SelectionError,
    UnknownDeadLetterError,
)
from producer.dead_letters.presentation import as_json, opened_as_json
from producer.dead_letters.selection import Selection, numbers_and_ids
from producer.errors import BrokerUnavailableError
from producer.topology import Topology

router = APIRouter(prefix="/dead-letters", dependencies=CONTROL)

OF_THE_BROKER = (DeadLettersMissingError, DeadLettersBusyError, BrokerUnavailableError)
Reason = Annotated[str, Field(min_length=1, max_length=500, description="A part of the reason.")]
# A number from the list, or an id, which is short.
Name = Annotated[str, Field(min_length=1, max_length=128)]


class DeadLetterReport(BaseModel):
    """A dead letter; `event_index` is null where a whole message was refused, sizes are in bytes."""

    number: int
    id: str
    rejected_at: datetime | None
    source_queue: str | None
    source_offset: int | None
    event_index: int | None
    symbol: str | None
    reason: str | None
    size: int
    truncated_from: int | None
    message_id: str | None
    original_message_id: str | None


class DeadLetters(BaseModel):
    """The letters, oldest first, and how many there are in all."""

    total: int
    letters: list[DeadLetterReport]


class OpenedLetterReport(DeadLetterReport):
    """A letter with headers and body: `body` where it is text, else `body_base64`."""

    headers: dict[str, Any]
    body: str | None = None
    body_base64: str | None = None


class LetterChoice(BaseModel):
    """Which letters are meant: every condition that is given must hold. `everything` stands alone."""

    letters: list[Name] = Field(default=[], max_length=500, description="Numbers or ids from the list.")
    reason: Reason | None = None
    rejected_before: Moment | None = None
    everything: StrictBool = False

    def selection(self) -> Selection:
        """What is chosen; raises :class:`SelectionError` where that is nothing, or contradicts itself."""
        numbers, ids = numbers_and_ids(self.letters)
        chosen = Selection(numbers, ids, self.reason, rejected_before=self.rejected_before)
        if chosen.is_everything != self.everything:
            raise SelectionError(
                "everything contradicts letters, reason and rejected_before: give one or the other."
                if self.everything
                else "Say which dead letters: letters, reason or rejected_before, or everything: true."
            )
        return chosen


class RequeueReport(BaseModel):
    """How many letters went back, and how many of the chosen cannot: their queue is not known any more."""

    requeued: int
    stranded: int


class PurgeReport(BaseModel):
    """How many letters were removed for good."""

    purged: int


@router.get("", responses=problem_responses(*OF_THE_BROKER))
async def dead_letters(
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    reason: Reason | None = None,
    source_queue: Annotated[str | None, Query(min_length=1, max_length=255)] = None,
) -> DeadLetters:
    """List the dead letters, and leave them all where they are."""
    selection = Selection(reason=reason, source_queue=source_queue)
    found = await actions.list_letters(_address(services), selection, limit)
    letters = [DeadLetterReport.model_validate(as_json(letter)) for letter in found.letters]
    return DeadLetters(total=found.total, letters=letters)


@router.get("/opened", responses=problem_responses(UnknownDeadLetterError, SelectionError, *OF_THE_BROKER))
async def opened_letters(
    letter: Annotated[str, Query(min_length=1, max_length=128)], services: ServicesDep
) -> list[OpenedLetterReport]:
    """Show all that is in a letter, by its number or id, or in those of a batch by its message id."""
    numbers, ids = numbers_and_ids([letter])
    opened = await actions.open_letters(_address(services), Selection(numbers, ids))
    if not opened:
        raise UnknownDeadLetterError(
            f"No dead letter is called {letter!r}: GET /dead-letters lists numbers and ids."
        )
    return [OpenedLetterReport.model_validate(opened_as_json(one)) for one in opened]


@router.post("/requeue", responses=problem_responses(SelectionError, *OF_THE_BROKER))
async def requeue(choice: LetterChoice, services: ServicesDep) -> RequeueReport:
    """Bring letters back to the queues that they came from, to be read again."""
    topology = Topology.from_settings(services.settings)
    done = await actions.requeue(_address(services), topology, choice.selection())
    return RequeueReport(requeued=done.requeued, stranded=done.stranded)


@router.post("/purge", responses=problem_responses(SelectionError, *OF_THE_BROKER))
async def purge(choice: LetterChoice, services: ServicesDep) -> PurgeReport:
    """Remove letters for good."""
    return PurgeReport(purged=await actions.purge(_address(services), choice.selection()))


def _address(services: ServicesDep) -> BrokerAddress:
    return BrokerAddress.from_settings(services.settings)
