"""Calls are counted in PostgreSQL before they are made, by however many processes."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from db.settings import DatabaseSettings
from producer.database import Database
from producer.errors import Later, ProviderError, QuotaSpentError, Soon
from producer.events import MICROSECONDS_PER_SECOND, to_micros
from producer.quota.budget import Account, Budget, Limit
from producer.quota.ledger import QuotaLedger
from producer.quota.meter import Meter
from tests.simulated_clock import SimulatedClock
from tests.stack import RunningStack

NOON = to_micros(datetime(2024, 11, 25, 12, tzinfo=UTC))
MIDNIGHT = to_micros(datetime(2024, 11, 26, tzinfo=UTC))
SECOND = MICROSECONDS_PER_SECOND
DAY = Limit(3, "day")
BURST = Limit(1, "second")


@pytest.fixture
def key() -> SecretStr:
    """A key that no other test has used."""
    return SecretStr(uuid.uuid4().hex)


@pytest.fixture
def account(key: SecretStr) -> Account:
    return Account.of("fmp", key)


@pytest.fixture
def ledger(database: Database) -> QuotaLedger:
    return QuotaLedger(database)


def meter(account: Account, ledger: QuotaLedger, clock: SimulatedClock) -> Meter:
    return Meter(account, Budget((BURST, DAY)), ledger, clock)


def clock_at_noon() -> SimulatedClock:
    noon = datetime(2024, 11, 25, 12, tzinfo=UTC)
    return SimulatedClock(noon, noon + timedelta(days=1))


async def used(ledger: QuotaLedger, account: Account, limit: Limit, now: int) -> int:
    (usage,) = await ledger.usage(account, [limit], now)
    return usage.calls


async def test_a_day_has_its_calls_and_no_more_until_the_next(ledger: QuotaLedger, account: Account) -> None:
    for _ in range(3):
        assert await ledger.take(account, [DAY], NOON) is None
    spent = await ledger.take(account, [DAY], MIDNIGHT - 1)
    assert spent is not None
    assert (spent.limit, spent.left, spent.resets_at) == (DAY, 0, MIDNIGHT)
    assert await ledger.take(account, [DAY], MIDNIGHT) is None


async def test_a_second_begins_with_its_first_call(ledger: QuotaLedger, account: Account) -> None:
    moment = NOON + SECOND * 9 // 10
    assert await ledger.take(account, [BURST], moment) is None
    spent = await ledger.take(account, [BURST], moment + SECOND // 5)
    assert spent is not None
    assert spent.resets_at == moment + SECOND
    assert await ledger.take(account, [BURST], moment + SECOND) is None


async def test_a_call_that_one_limit_refuses_costs_nothing_of_another(
    ledger: QuotaLedger, account: Account
) -> None:
    assert await ledger.take(account, [DAY, BURST], NOON) is None
    spent = await ledger.take(account, [DAY, BURST], NOON + 1)
    assert spent is not None
    assert spent.limit == BURST
    assert await used(ledger, account, DAY, NOON + 1) == 1


async def test_a_heavy_call_counts_as_so_many_as_it_weighs_and_is_refused_where_too_few_are_left(
    ledger: QuotaLedger, account: Account
) -> None:
    assert await ledger.take(account, [DAY], NOON, weight=2) is None
    assert await used(ledger, account, DAY, NOON) == 2
    spent = await ledger.take(account, [DAY], NOON, weight=2)
    assert spent is not None
    assert (spent.limit, spent.left) == (DAY, 1)
    assert await ledger.take(account, [DAY], NOON, weight=1) is None


async def test_a_clock_that_goes_back_opens_no_new_day(ledger: QuotaLedger, account: Account) -> None:
    for _ in range(3):
        await ledger.take(account, [DAY], MIDNIGHT)
    assert await ledger.take(account, [DAY], NOON) is not None


async def test_a_restart_forgets_nothing(
    ledger: QuotaLedger, account: Account, database_settings: DatabaseSettings
) -> None:
    await ledger.take(account, [DAY], NOON)
    restarted = Database(database_settings)
    assert await used(QuotaLedger(restarted), account, DAY, NOON) == 1
    await restarted.close()


async def test_many_at_once_make_together_exactly_the_calls_of_the_day(
    account: Account, database_settings: DatabaseSettings
) -> None:
    databases = [Database(database_settings) for _ in range(4)]
    limits = [Limit(25, "day"), Limit(1_000, "minute")]
    takes = [QuotaLedger(database).take(account, limits, NOON) for database in databases for _ in range(15)]
    granted = [refusal for refusal in await asyncio.gather(*takes) if refusal is None]
    assert len(granted) == 25
    for database in databases:
        await database.close()


async def test_other_keys_and_providers_have_budgets_of_their_own(
    ledger: QuotaLedger, key: SecretStr
) -> None:
    for account in (Account.of("fmp", key), Account.of("other", key), Account.of("fmp", SecretStr("other"))):
        assert await used(ledger, account, DAY, NOON) == 0
        assert await ledger.take(account, [DAY], NOON) is None


async def test_the_key_is_not_in_the_database(
    ledger: QuotaLedger, account: Account, key: SecretStr, stack: RunningStack
) -> None:
    await ledger.take(account, [DAY], NOON)
    with stack.psycopg("market_reader") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT quota_usage::text FROM quota_usage")
        rows = "".join(row for (row,) in cursor.fetchall())
    connection.close()
    assert account.key_fingerprint in rows
    assert key.get_secret_value() not in rows


async def test_a_meter_waits_for_the_next_second_and_refuses_for_the_rest_of_the_day(
    ledger: QuotaLedger, account: Account
) -> None:
    clock = clock_at_noon()
    metered = meter(account, ledger, clock)
    for seconds in range(3):
        await metered.take()
        assert clock.now() == NOON + seconds * SECOND
    await clock.sleep_until(NOON + 60 * SECOND)
    with pytest.raises(QuotaSpentError, match=r"All 3 calls .* from 2024-11-26 00:00 UTC") as refusal:
        await metered.take()
    assert refusal.value.retry == Later(MIDNIGHT)


async def test_a_day_that_the_provider_calls_spent_is_spent(ledger: QuotaLedger, account: Account) -> None:
    metered = meter(account, ledger, clock_at_noon())
    await metered.take()
    await metered.note_spent()
    assert await metered.calls_left_today() == 0
    assert await used(ledger, account, DAY, MIDNIGHT) == 0


async def test_without_the_database_no_call_is_made(
    account: Account, database_settings: DatabaseSettings
) -> None:
    away = Database(database_settings.model_copy(update={"postgres_port": 1}))
    with pytest.raises(ProviderError, match="because PostgreSQL cannot count it") as refusal:
        await meter(account, QuotaLedger(away), clock_at_noon()).take()
    assert refusal.value.retry == Soon()
    await away.close()
