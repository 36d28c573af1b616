"""What stands in a rule: exact decimals, names of indicators, addresses; each refused with a sentence."""

from __future__ import annotations

import re
import reprlib
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, Strict, TypeAdapter, ValidationError
from pydantic import WithJsonSchema as Described
from pydantic_core import PydanticCustomError

from stream_job.indicators.catalogue import VALUES

Direction = Literal["up", "down", "both"]

# What numeric(38, 18) holds.
_DECIMAL: Final = re.compile(r"(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?", re.ASCII)
_MOST_URL_CHARACTERS: Final = 2_048
_url: Final = TypeAdapter(HttpUrl)


def refused(sentence: str) -> PydanticCustomError:
    """Return the error with which a validator says a sentence, and nothing before it."""
    return PydanticCustomError("alert_rule", "{sentence}", {"sentence": sentence})


def _decimal(value: object) -> object:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return value
    raise refused(
        f'{reprlib.repr(value)} is no exact decimal: write a string as "65000.5", not negative, with at most '
        f"20 digits before the point and 18 behind it"
    )


def _above_zero(value: str) -> str:
    if Decimal(value) == 0:
        raise refused("it must be above zero")
    return value


def _indicator(name: str) -> str:
    if name not in VALUES:
        raise refused(f"there is no indicator {reprlib.repr(name)}: choose one of {', '.join(VALUES)}")
    return name


def _webhook(address: str) -> str:
    try:
        url = _url.validate_python(address)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        # The address is not repeated: what is wrong with it may be the password in it.
        raise refused(
            f"the webhook is no address of HTTP ({reason}): write https://host/path, or http://"
        ) from None
    if url.username is not None or url.password is not None:
        raise refused(
            "the webhook has a user or a password in it, which every reader of the database would see: leave "
            "them out, each delivery is signed with ALERT_WEBHOOK_SECRET instead"
        )
    return str(url)


_decimal_schema = Described({"type": "string", "pattern": f"^{_DECIMAL.pattern}$", "examples": ["65000.5"]})

# Decimals stay the text that they came as, so that no digit can be lost on the way to the job.
NotNegative = Annotated[str, BeforeValidator(_decimal), _decimal_schema]
Positive = Annotated[str, BeforeValidator(_decimal), AfterValidator(_above_zero), _decimal_schema]

Number = Annotated[float, Strict(), Field(ge=-1e18, le=1e18, allow_inf_nan=False)]
Whole = Annotated[int, Strict()]

IndicatorName = Annotated[
    str, AfterValidator(_indicator), Described({"type": "string", "enum": list(VALUES)})
]

Webhook = Annotated[
    str,
    Field(max_length=_MOST_URL_CHARACTERS),
    AfterValidator(_webhook),
    Described({"type": "string", "pattern": "^https?://", "maxLength": _MOST_URL_CHARACTERS}),
]
