"""What every table shares: naming of constraints, types of columns, lists of allowed words."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    Identity,
    MetaData,
    Numeric,
    Text,
    func,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

INTERVALS = ("1m", "5m", "15m", "1h", "1d")
"""Lengths of a candle; a day is the venue's trading day."""

# Without fixed names PostgreSQL invents them, and a later migration cannot name what it wants to drop.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all models. Times are `timestamptz`; prices and sizes are exact, `numeric(38, 18)`."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy declares it as an instance-level mapping
        str: Text(),
        int: BigInteger(),
        float: Double(),
        Decimal: Numeric(38, 18),
        date: Date(),
        datetime: DateTime(timezone=True),
    }


GeneratedId = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
"""A key that PostgreSQL gives out; nobody can choose it."""

Now = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
"""A time that is the transaction's, unless the writer gives one."""

UpdatedNow = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.now(), onupdate=func.now())
]
"""Like `Now`, and set again by each update that goes through the models."""


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """A constraint that allows only these words in a text column (a new word is then a plain migration)."""
    allowed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f'"{column}" IN ({allowed})', name=f"{column}_known")
