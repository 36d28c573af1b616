"""Alert rules over HTTP, and what has fired."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from producer.alerts.events import Place
from producer.alerts.rules import Rule, RuleChange
from producer.api.endpoints import ServicesDep
from producer.api.models import Moment, Symbol
from producer.api.problems import problem_responses
from producer.api.security import CONTROL
from producer.bars import Interval
from producer.errors import (
    DatabaseUnavailableError,
    InvalidAlertRuleError,
    NoAlertChannelError,
    UnknownAlertRuleError,
)

# Longer than the one attempt of a test may take.
TEST_SECONDS = 20.0

router = APIRouter()

RuleId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,16}\.[0-9]{1,18}$",
        description="From the header Link of the page before.",
    ),
]

Kind = Literal[
    "price_cross", "percent_move", "indicator_threshold", "indicator_cross", "volume_spike", "feed_silent"
]


class AlertTargets(BaseModel):
    """Where a rule's alerts go, as it is written in the table."""

    webhook: str | None = None
    email: str | None = None


class AlertRuleReport(BaseModel):
    """A rule as it is kept; a change of it moves `updated_at`, and it starts afresh."""

    id: int
    name: str
    symbol: str
    kind: Kind
    interval: Interval | None
    parameters: dict[str, Any]
    delivery: AlertTargets
    is_enabled: bool
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class AlertDeliveryReport(BaseModel):
    """What became of an alert on one channel.

    `dead` when the last attempt has failed, `cancelled` when the rule was deleted or lost the channel before.
    """

    model_config = ConfigDict(from_attributes=True)

    channel: Literal["webhook", "email"]
    is_test: bool
    status: Literal["pending", "delivered", "dead", "cancelled"]
    attempts: int
    next_attempt_at: datetime
    delivered_at: datetime | None
    error: str | None


class AlertEventReport(BaseModel):
    """A rule that fired: `event_time` is the market's, `created_at` ours.

    `delivered_at` is set once every channel has it, `delivery_error` says what went wrong last.
    """

    rule_id: int
    symbol: str
    event_time: datetime
    message: str
    value: float | None
    created_at: datetime
    delivered_at: datetime | None
    delivery_error: str | None
    deliveries: list[AlertDeliveryReport]


@router.get("/alert-rules", responses=problem_responses(DatabaseUnavailableError))
async def alert_rules(
    services: ServicesDep,
    symbol: Symbol | None = None,
    enabled: Annotated[bool | None, Query(description="Only those that are, or are not.")] = None,
    limit: Limit = 100,
) -> list[AlertRuleReport]:
    """List the alert rules, the newest first; deleted ones are not shown."""
    return [_report(row) for row in await services.alerts.newest(symbol, enabled, limit)]


@router.post(
    "/alert-rules",
    dependencies=CONTROL,
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(InvalidAlertRuleError, DatabaseUnavailableError),
)
async def create_alert_rule(
    rule: Annotated[Rule, Body()], services: ServicesDep, response: Response
) -> AlertRuleReport:
    """Make an alert rule; the job takes it up within seconds, and what it sees first never fires."""
    row = await services.alerts.create(rule)
    response.headers["Location"] = f"/alert-rules/{row['id']}"
    return _report(row)


@router.get(
    "/alert-rules/{rule_id}", responses=problem_responses(UnknownAlertRuleError, DatabaseUnavailableError)
)
async def alert_rule(rule_id: RuleId, services: ServicesDep) -> AlertRuleReport:
    """Say what a rule watches, and where its alerts go."""
    return _report(await services.alerts.rule(rule_id))


@router.patch(
    "/alert-rules/{rule_id}",
    dependencies=CONTROL,
    responses=problem_responses(UnknownAlertRuleError, InvalidAlertRuleError, DatabaseUnavailableError),
)
async def change_alert_rule(rule_id: RuleId, change: RuleChange, services: ServicesDep) -> AlertRuleReport:
    """Change what is given of a rule, which then starts afresh; null takes a parameter or a channel away."""
    given = change.model_dump(exclude_unset=True)
    return _report(await services.alerts.change(rule_id, given))


@router.delete(
    "/alert-rules/{rule_id}",
    dependencies=CONTROL,
    responses=problem_responses(UnknownAlertRuleError, DatabaseUnavailableError),
)
async def delete_alert_rule(rule_id: RuleId, services: ServicesDep) -> AlertRuleReport:
    """Delete a rule: it fires no more and what waits for delivery is sent no more; its events stay."""
    return _report(await services.alerts.delete(rule_id))


@router.post(
    "/alert-rules/{rule_id}/test",
    dependencies=CONTROL,
    responses={
        HTTPStatus.ACCEPTED: {
            "model": list[AlertDeliveryReport],
            "description": "It is not sent yet: the program alert-delivery does not run, or is busy.",
        },
        **problem_responses(UnknownAlertRuleError, NoAlertChannelError, DatabaseUnavailableError),
    },
)
async def test_alert_rule(
    rule_id: RuleId, services: ServicesDep, response: Response
) -> list[AlertDeliveryReport]:
    """Send one alert that is marked as a test on each channel of a rule, once, and say what became of it."""
    rows = await services.alert_history.test(rule_id, TEST_SECONDS)
    if any(row["status"] == "pending" for row in rows):
        response.status_code = HTTPStatus.ACCEPTED
    return [AlertDeliveryReport.model_validate(dict(row)) for row in rows]


@router.get(
    "/alert-events",
    responses={
        HTTPStatus.OK: {
            "headers": {
                "Link": {
                    "description": "The next page, where there may be one: rel=next.",
                    "schema": {"type": "string"},
                }
            }
        },
        **problem_responses(DatabaseUnavailableError),
    },
)
async def alert_events(
    request: Request,
    response: Response,
    services: ServicesDep,
    rule_id: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    symbol: Symbol | None = None,
    since: Annotated[Moment | None, Query(description="Not before, by the market's time.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> list[AlertEventReport]:
    """List what has fired, the newest first by the market's time, with what became of each delivery."""
    after = None if cursor is None else Place.read(cursor)
    page = await services.alert_history.page(rule_id, symbol, since, after, limit)
    if page.next is not None:
        url = request.url.include_query_params(cursor=str(page.next))
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return [AlertEventReport.model_validate(event) for event in page.events]


def _report(row: Any) -> AlertRuleReport:
    return AlertRuleReport.model_validate(dict(row))
