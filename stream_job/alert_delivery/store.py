"""The deliveries in PostgreSQL: which are due, and what became of them."""

import asyncio
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from db.errors import DatabaseError
from db.settings import DatabaseSettings
from stream_job.alert_delivery.alert import Alert
from stream_job.alert_delivery.statements import (
    CANCELLED,
    DELIVERED,
    DUE,
    FAILED,
    LETTER_SENT,
    MOST_PER_RECEIVER,
    NEXT,
    REQUEUED,
    SUMMARISED,
    WITHOUT_LETTER,
)

Result = TypeVar("Result")

DATABASE_ERRORS: Final = (SQLAlchemyError, DatabaseError)
CONNECT_TIMEOUT_SECONDS: Final = 10
STATEMENT_TIMEOUT_MILLISECONDS: Final = 60_000


@dataclass(frozen=True)
class Due:
    """What is to be sent now, and in how many seconds what is not due yet will be: never is infinite."""

    alerts: list[Alert]
    seconds_to_next: float


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `wait` says after how long the next is due, None that none is."""

    delivery_id: int
    channel: str
    status: Literal["delivered", "pending", "dead", "cancelled"]
    error: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True)
class Dead:
    """A delivery whose last attempt has failed."""

    delivery_id: int
    rule_id: int
    symbol: str
    event_time: str
    channel: str
    attempts: int
    error: str


class DeliveryStore:
    """PostgreSQL as role `market_writer`; each call runs in a thread and raises one of `DATABASE_ERRORS`."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return create_engine(
            self._settings.url("market_writer"),
            pool_size=2,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "application_name": "candlewick-alert-delivery",
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}",
            },
        )

    async def check(self) -> None:
        """Return when the database answers."""
        await self._transaction(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def due(self, in_hand: Collection[int], most: int) -> Due:
        """Return the alerts to send now, but for those in hand, a few of each receiver."""
        values = {"in_hand": list(in_hand), "most": most, "most_per_receiver": MOST_PER_RECEIVER}

        # In one transaction, in which it is one time: or what comes to be due in between would be in neither.
        def look(connection: Connection) -> tuple[Sequence[Any], Any]:
            return connection.execute(DUE, values).all(), connection.execute(NEXT).scalar_one()

        rows, seconds = await self._transaction(look)
        alerts = [
            Alert(
                delivery_id=row.id,
                rule_id=row.rule_id,
                rule_name=row.name,
                kind=row.kind,
                symbol=row.symbol,
                interval=row.interval,
                event_time=row.event_time,
                channel=row.channel,
                is_test=row.is_test,
                attempts=row.attempts,
                target=row.target,
                message=f"This is a test: {row.name!r} has not fired." if row.is_test else row.message,
                value=row.value,
            )
            for row in rows
        ]
        return Due(alerts, math.inf if seconds is None else float(seconds))

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of some attempts, in one transaction."""

        def record(connection: Connection) -> None:
            for outcome in outcomes:
                _record(connection, outcome)

        await self._transaction(record)

    async def without_letter(self, most: int) -> list[Dead]:
        """Return deliveries that are dead and of which no dead letter tells yet."""
        rows = await self._transaction(
            lambda connection: connection.execute(WITHOUT_LETTER, {"most": most}).all()
        )
        return [
            Dead(
                *(row.id, row.rule_id, row.symbol, row.event_time.isoformat(), row.channel, row.attempts),
                row.error or "",
            )
            for row in rows
        ]

    async def letter_sent(self, delivery_id: int) -> None:
        """Remember that the broker has the dead letter."""
        await self._transaction(lambda connection: connection.execute(LETTER_SENT, {"id": delivery_id}))

    async def requeue(self, delivery_id: int, rule_id: int) -> bool:
        """Let a dead delivery be tried again from the beginning; False where there is no such dead one."""
        values = {"id": delivery_id, "rule_id": rule_id}
        return await self._transaction(lambda connection: bool(connection.execute(REQUEUED, values).all()))

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.to_thread(self._engine.dispose)

    async def _transaction(self, work: Callable[[Connection], Result]) -> Result:
        def transaction() -> Result:
            with self._engine.begin() as connection:
                return work(connection)

        return await asyncio.to_thread(transaction)


def _record(connection: Connection, outcome: Outcome) -> None:
    values: dict[str, Any] = {"id": outcome.delivery_id, "error": outcome.error}
    match outcome.status:
        case "delivered":
            row = connection.execute(DELIVERED, {"id": outcome.delivery_id}).one_or_none()
        case "cancelled":
            row = connection.execute(CANCELLED, values).one_or_none()
        case status:
            values |= {"status": status, "wait": outcome.wait or timedelta()}
            row = connection.execute(FAILED, values).one_or_none()
    if row is None:
        return
    error = None if outcome.error is None else f"{outcome.channel}: {outcome.error}"
    connection.execute(SUMMARISED, {**row._mapping, "error": error})  # noqa: SLF001  # public in spite of its name
