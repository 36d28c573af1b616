"""Times as a client of the API may write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from producer.api.models import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-01-31", datetime(2025, 1, 31, tzinfo=UTC)),
        ("2025-01-31T14:30:00", datetime(2025, 1, 31, 14, 30, tzinfo=UTC)),
        ("2025-01-31T14:30:00Z", datetime(2025, 1, 31, 14, 30, tzinfo=UTC)),
        ("2025-01-31T14:30:00.25-05:00", datetime(2025, 1, 31, 19, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(written: str, meant: datetime) -> None:
    assert MOMENT.validate_python(written) == meant


@pytest.mark.parametrize("number", [0, 1_700_000_000, 1.5, True, "0", "1700000000", "٢٠٢٥-01-31"])
def test_a_number_is_no_time_because_its_unit_would_be_guessed(number: object) -> None:
    with pytest.raises(ValidationError, match="a time is written as 2025-01-31T14:30:00Z"):
        MOMENT.validate_python(number)


def test_a_time_that_utc_cannot_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="the time is too far away"):
        MOMENT.validate_python("0001-01-01T00:00:00+01:00")
