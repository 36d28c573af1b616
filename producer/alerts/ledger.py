"""Alert rules in PostgreSQL: made, changed, deleted softly, and what has fired.

A change moves `updated_at`, by which the job knows that the rule starts afresh; a change that changes nothing
does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.engine import RowMapping

from db.models import AlertDelivery, AlertRule, Asset
from producer.alerts.rules import RULE, Rule, columns, merged
from producer.database import Database, database_that
from producer.errors import InvalidAlertRuleError, UnknownAlertRuleError

Result = TypeVar("Result")

RULES = AlertRule.__table__
# What a person decides of a rule, and what may be changed but for the kind.
DECIDED = ("name", "symbol", "kind", "interval", "parameters", "delivery", "is_enabled")


class AlertLedger:
    """Each call is a transaction of its own, and may raise :class:`DatabaseUnavailableError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, symbol: str | None, is_enabled: bool | None, limit: int) -> Sequence[RowMapping]:
        """Return the rules that are not deleted, the newest first."""
        query = select(RULES).where(RULES.c.deleted_at.is_(None)).order_by(RULES.c.id.desc()).limit(limit)
        if symbol is not None:
            query = query.where(RULES.c.symbol == symbol)
        if is_enabled is not None:
            query = query.where(RULES.c.is_enabled == is_enabled)
        return await self.transaction(lambda connection: connection.execute(query).mappings().all())

    async def rule(self, rule_id: int) -> RowMapping:
        """Return one rule; raises :class:`UnknownAlertRuleError`."""
        return await self.transaction(lambda connection: living(connection, rule_id))

    async def create(self, rule: Rule) -> RowMapping:
        """Write a new rule down; raises :class:`InvalidAlertRuleError` for a symbol that is not there."""

        def create(connection: Connection) -> RowMapping:
            _check_symbol(connection, rule.symbol)
            making = insert(AlertRule).values(columns(rule)).returning(*RULES.c)
            return connection.execute(making).mappings().one()

        return await self.transaction(create)

    async def change(self, rule_id: int, change: dict[str, Any]) -> RowMapping:
        """Merge a change into a rule, which is then held to the same as a new one.

        Raises :class:`UnknownAlertRuleError` or :class:`InvalidAlertRuleError`.
        """

        def apply(connection: Connection) -> RowMapping:
            row = living(connection, rule_id, lock=True)
            present = {name: row[name] for name in DECIDED}
            wanted = columns(_checked(merged(present, change)))
            if wanted == present:
                return row
            if wanted["symbol"] != present["symbol"]:
                _check_symbol(connection, wanted["symbol"])
            return _write(connection, rule_id, wanted)

        return await self.transaction(apply)

    async def delete(self, rule_id: int) -> RowMapping:
        """Delete a rule softly; its alerts that wait for another attempt are sent no more.

        Raises :class:`UnknownAlertRuleError`, also when it was deleted before.
        """

        def delete(connection: Connection) -> RowMapping:
            living(connection, rule_id, lock=True)
            waiting = (AlertDelivery.rule_id == rule_id) & (AlertDelivery.status == "pending")
            cancelled = {"status": "cancelled", "error": "the rule was deleted"}
            connection.execute(update(AlertDelivery).where(waiting).values(cancelled))
            return _write(connection, rule_id, {"deleted_at": func.now()})

        return await self.transaction(delete)

    async def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Do some work in one transaction."""
        with database_that("holds the alerts"):
            return await self._database.transaction(work)


def living(connection: Connection, rule_id: int, *, lock: bool = False) -> RowMapping:
    """Return a rule that is not deleted; raises :class:`UnknownAlertRuleError`."""
    query: Select[Any] = select(RULES).where(RULES.c.id == rule_id, RULES.c.deleted_at.is_(None))
    found = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if found is None:
        raise UnknownAlertRuleError(
            f"There is no alert rule {rule_id}: GET /alert-rules lists those there are."
        )
    return found


def _write(connection: Connection, rule_id: int, values: dict[str, Any]) -> RowMapping:
    # Later than a change before in any case, though the clock of the transaction stood still or was set back.
    moved = func.greatest(func.now(), RULES.c.updated_at + func.make_interval(0, 0, 0, 0, 0, 0, 0.000001))
    change = update(AlertRule).where(RULES.c.id == rule_id).values(values | {"updated_at": moved})
    return connection.execute(change.returning(*RULES.c)).mappings().one()


def _checked(document: dict[str, Any]) -> Rule:
    try:
        return RULE.validate_python(document)
    except ValidationError as error:
        # The kind, which comes first, is the rule's own and no part of what was asked for.
        faults = (f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors())
        raise InvalidAlertRuleError(f"{'; '.join(faults)}.") from None


def _check_symbol(connection: Connection, symbol: str) -> None:
    followed = select(Asset.id).where(Asset.symbol == symbol, Asset.deleted_at.is_(None))
    if connection.execute(followed).first() is None:
        raise InvalidAlertRuleError(
            f"symbol: nothing is told of {symbol!r}, so a rule about it would never fire: follow it with "
            f"POST /symbols and start its feed, or choose a symbol of which there are candles."
        )
