"""The pipeline on one page, of the running stack; each part that is away says so."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import httpx

from api.settings import ApiSettings
from db.settings import DatabaseSettings
from tests.integration.api.database import Market
from tests.integration.api.serving import served
from tests.stack import RunningStack, free_ports

WAIT_SECONDS = 90.0


def test_the_job_tells_its_checkpoints_and_what_it_has_still_to_read(api: httpx.Client) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    # Flink has metrics some seconds after it was first asked for them, and its first checkpoint as late.
    while None in ((job := api.get("/status").json()["job"])["pending_messages"], job["checkpoint_bytes"]):
        assert time.monotonic() < deadline, job
        time.sleep(0.5)
    assert job["state"] == "running"
    assert job["pending_messages"] >= 0
    assert 0 <= job["checkpoint_age_seconds"] < 3_600
    assert job["checkpoint_bytes"] > 0


def test_the_broker_tells_its_queues(api: httpx.Client, stack: RunningStack) -> None:
    broker = api.get("/status").json()["broker"]
    assert broker["state"] == "available"
    names = {queue["name"] for queue in broker["queues"]}
    shards = int(stack.env["EVENT_SHARDS"])
    assert names >= {f"market.events.{shard}" for shard in range(shards)} | {"market.dead-letters"}


def test_the_database_tells_how_fresh_each_followed_symbol_is(api: httpx.Client, market: Market) -> None:
    market.asset("FRESH")
    market.candle("FRESH", datetime.now(UTC).replace(second=0, microsecond=0), 1)
    market.asset("NEVER")
    database = api.get("/status").json()["database"]
    fresh = {one["symbol"]: one["written_seconds_ago"] for one in database["symbols"]}
    assert fresh["NEVER"] is None
    assert 0 <= fresh["FRESH"] < WAIT_SECONDS
    assert list(fresh).index("NEVER") < list(fresh).index("FRESH")


def test_parts_that_are_away_say_so_and_the_rest_is_told(
    settings: ApiSettings, database_settings: DatabaseSettings, market: Market
) -> None:
    one, other = free_ports(2)
    gone = settings.model_copy(update={"flink_rest_port": one, "rabbitmq_prometheus_port": other})
    with served(gone, database_settings) as address:
        answer = httpx.get(f"{address}/api/v1/status", timeout=30)
    assert answer.status_code == 200
    status = answer.json()
    for part, port in (("job", one), ("broker", other)):
        assert status[part]["state"] == "unavailable"
        assert str(port) in status[part]["detail"]
    assert status["database"]["state"] == "available"
