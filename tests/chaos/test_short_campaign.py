"""One kill of every server and of the producer, under load. `make chaos` does so again and again."""

import httpx
import pytest

from ops.paths import Paths
from ops.supervisor import Supervisor
from tests.browser import feed
from tests.chaos.campaign import Campaign
from tests.chaos.waiting import until
from tests.stack import RunningStack

SEED = 20_261

pytestmark = pytest.mark.timeout(900)


def test_a_kill_of_everything_in_turn_loses_doubles_and_invents_nothing(stack: RunningStack) -> None:
    # The browser's tests leave it running: its time would finish the candles in which the campaign ends.
    feed.switch(stack, "stop")
    campaign = Campaign(stack, SEED, symbols=8, events_per_second=200, say=print)
    outcome = campaign.run_once()
    assert [tally for tally in outcome.tallies if not tally.is_clean] == []
    assert all(tally.expected for tally in outcome.tallies)
    assert {blows.kills for blows in outcome.blows.values()} == {1}
    until(lambda: is_well(stack), "every program runs and answers")


def is_well(stack: RunningStack) -> bool:
    states = Supervisor(Paths(stack.var_dir)).states().values()
    if not all(state.state == "RUNNING" for state in states):
        return False
    try:
        superset = httpx.get(f"{stack.superset_url}/health", timeout=30)
        producer = httpx.get(f"{stack.producer_url}/health", timeout=30)
    except httpx.HTTPError:
        return False
    return superset.is_success and producer.is_success and producer.json()["status"] == "ok"
