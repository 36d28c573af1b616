"""What a person sees of the API's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.console import Console, RenderableType

from producer.api.keys import IssuedKeyReport, KeyReport
from producer.api.models import (
    BrokerHealth,
    DatabaseHealth,
    Dependencies,
    FeedChange,
    FeedReport,
    Feeds,
    FetchReport,
    GapReport,
    Health,
    ProviderReport,
    QuotaReport,
    RunReport,
    SymbolReport,
)
from producer.api.schedule import JobReport
from producer.api.symbols import FoundSymbol
from producer.cli.feeds import change_sentence, feeds_report
from producer.cli.fetch import quotes_table
from producer.cli.history import gaps_table, run_facts, runs_table, took
from producer.cli.keys import issued, keys_table
from producer.cli.providers import providers_table, quota_left
from producer.cli.schedule import jobs_table
from producer.cli.status import health_report
from producer.cli.symbols import found_table, symbols_table
from producer.cli.tables import moment, table

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)


def drawn(what: RenderableType, width: int = 250) -> list[list[str]]:
    """What is printed, a line a list of cells."""
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(what)
    lines = (line.strip().split("  ") for line in captured.get().splitlines() if line.strip())
    return [[cell.strip() for cell in line if cell.strip()] for line in lines]


def feed(**changes: object) -> FeedReport:
    report: dict[str, object] = {
        "state": "streaming",
        "running": True,
        "symbols": ["BTC-USD", "ETH-USD"],
        "events": 12_345,
        "gaps": 1,
        "reconnects": 2,
        "last_event_time": NOON,
        "last_error": None,
        "next_attempt": None,
        "quotes": {},
        "detail": None,
        "circuit": "closed",
        "left_out": {},
    }
    return FeedReport.model_validate(report | changes)


def run(**changes: object) -> RunReport:
    report: dict[str, object] = {
        "id": 7,
        "kind": "backfill",
        "source": "coinbase",
        "request": {"symbols": ["BTC-USD", "ETH-USD"], "interval": "1m"},
        "status": "failed",
        "started_at": NOON,
        "finished_at": NOON + timedelta(hours=1, minutes=2, seconds=3),
        "event_count": 60_000,
        "call_count": 200,
        "error": "It was refused.",
    }
    return RunReport.model_validate(report | changes)


def test_times_are_shown_in_utc_to_the_second() -> None:
    at = datetime(2025, 3, 4, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert (moment(at), moment(None)) == ("2025-03-04 12:00:00", "-")


def test_brackets_are_no_markup_and_what_a_terminal_would_obey_is_escaped() -> None:
    assert drawn(table({"What": "name"}, [("[red]a\x1b[2J",)]))[-1] == ["[red]a\\x1b[2J"]


def test_a_row_a_symbol_says_where_it_comes_from_and_whether_it_streams() -> None:
    known = [SymbolReport(symbol="BTC-USD", provider="kraken", kind="live", streaming=True)]
    assert drawn(symbols_table(known))[-1] == ["BTC-USD", "kraken", "live", "yes"]


def test_a_row_a_found_symbol_leaves_open_what_the_provider_does() -> None:
    found = FoundSymbol(symbol="TSLA", name="Tesla, Inc.", venue="NASDAQ", currency=None)
    assert drawn(found_table([found]))[-1] == ["TSLA", "Tesla, Inc.", "NASDAQ", "-"]


def test_a_row_a_job_says_when_it_is_due_and_what_became_of_it_last() -> None:
    job = JobReport(
        name="fill-gaps",
        description="",
        paused=True,
        running=False,
        next_run_at=None,
        last_started_at=NOON,
        last_finished_at=NOON,
        last_status="succeeded",
        last_detail="2 gaps were filled.",
    )
    assert drawn(jobs_table([job]))[-2:] == [
        ["fill-gaps", "-", "yes", "no", "2025-03-04 12:00:00", "succeeded"],
        ["fill-gaps: 2 gaps were filled."],
    ]


def test_a_row_a_key_shows_all_but_the_key_and_a_new_one_shows_it_on_a_line() -> None:
    known = {"id": 3, "name": "grafana", "scope": "read", "created_at": NOON}
    unused = {"rotated_at": None, "last_used_at": None, "revoked_at": None}
    shown = ["3", "grafana", "read", "2025-03-04", "-", "-", "-"]
    assert drawn(keys_table([KeyReport.model_validate(known | unused)]))[-1] == shown
    new = IssuedKeyReport.model_validate(known | unused | {"key": "candlewick_3_secret"})
    assert drawn(issued(new))[-3:] == [shown, ["The key, shown this once:"], ["candlewick_3_secret"]]


def test_a_row_a_provider_says_what_is_left_of_each_limit() -> None:
    day = QuotaReport(calls=2_500, period="day", used=252, left=2_248, resets_at=None)
    minute = QuotaReport(calls=5, period="minute", used=0, left=5, resets_at=None)
    known = ProviderReport(
        name="fmp",
        kind="live",
        description="",
        symbols=["AAPL", "MSFT"],
        capabilities=["poll", "quotes", "bars"],
        bar_intervals=["1m", "1d"],
        quota=[day, minute],
        circuit="half-open",
        detail="AAPL every 94 s",
    )
    assert drawn(providers_table([known]))[-2] == [
        *("fmp", "live", "poll, quotes, bars", "1m, 1d", "2"),
        *("2,248 of 2,500 a day; 5 of 5 a minute", "half-open"),
    ]


def test_a_provider_without_a_limit_has_none_left() -> None:
    assert (quota_left(None), quota_left([])) == ("-", "-")


def test_feeds_stand_under_the_reason_of_the_choice() -> None:
    lines = drawn(feeds_report(Feeds(choice="Coinbase answers.", feeds={"coinbase": feed()})))
    assert lines[0] == ["Chosen at start: Coinbase answers."]
    assert lines[-1] == ["coinbase", "streaming", "12,345", "1", "2", "2025-03-04 12:00:00", "closed"]


def test_a_feed_says_what_is_wrong_with_it() -> None:
    troubled = feed(last_error="No key.", detail="Next try in an hour.", left_out={"X": "X is unknown."})
    assert drawn(feeds_report(Feeds(choice="", feeds={"fmp": troubled})))[-1][-1] == (
        "fmp: No key. Next try in an hour. X is unknown."
    )


@pytest.mark.parametrize(
    ("changed", "state", "sentence"),
    [
        (True, "starting", "kraken is now starting."),
        (True, "stopped", "kraken is now stopped."),
        (False, "streaming", "kraken was already streaming."),
    ],
)
def test_a_change_of_a_feed_is_a_sentence(changed: bool, state: str, sentence: str) -> None:
    assert change_sentence(FeedChange(feed="kraken", changed=changed, state=state)) == sentence


@pytest.mark.parametrize(("dropped", "lines"), [(0, 0), (3, 1)])
def test_the_status_names_each_part_and_what_waits_for_the_broker(dropped: int, lines: int) -> None:
    broker = BrokerHealth(
        state="away",
        detail="It is away.",
        buffered_events=1,
        dropped_events=dropped,
        confirmed_messages=0,
        last_confirm_time=None,
    )
    database = DatabaseHealth(state="connected", detail="PostgreSQL answers.")
    health = Health(
        status="degraded",
        dependencies=Dependencies(broker=broker, database=database),
        feeds={"kraken": feed()},
    )
    shown = drawn(health_report(health))
    assert ["producer", "degraded"] in shown
    assert ["RabbitMQ", "away", "It is away. 1 event wait."] in shown
    assert ["PostgreSQL", "connected", "PostgreSQL answers."] in shown
    assert sum("3 events were dropped" in line[-1] for line in shown) == lines
    assert shown[-1][0] == "kraken"


def test_fetched_prices_are_shown_digit_for_digit() -> None:
    quote = {
        "event_id": "x",
        "symbol": "AAPL",
        "event_time": NOON,
        "price": "101.2500",
        "bid": None,
        "ask": "1E-8",
    }
    answer = {"run_id": 7, "provider": "fmp", "confirmed_events": 1, "quotes": [quote], "failures": {}}
    report = FetchReport.model_validate(answer)
    assert drawn(quotes_table(report))[-1] == ["AAPL", "101.2500", "-", "0.00000001", "2025-03-04 12:00:00"]


def test_a_row_a_run_says_how_it_went() -> None:
    assert drawn(runs_table([run()]))[-2:] == [
        ["7", "backfill", "coinbase", "failed", "2025-03-04 12:00:00", "1:02:03", "60,000", "200"],
        ["Run 7: It was refused."],
    ]


def test_a_run_that_goes_on_has_taken_no_time_yet() -> None:
    assert took(run(finished_at=None)) == "-"


def test_one_run_is_shown_with_what_it_was_asked_for() -> None:
    lines = [" ".join(" ".join(line).split()) for line in drawn(run_facts(run()))]
    assert "Asked for symbols BTC-USD, ETH-USD" in lines
    assert lines[-1] == "Error It was refused."


def test_a_gap_says_how_much_is_missing_and_when_it_was_filled() -> None:
    gap = GapReport(
        id=3,
        symbol="BTC-USD",
        source="kraken",
        reason="missing_candles",
        started_at=NOON,
        ended_at=None,
        missing_count=1_200,
        detected_at=NOON,
        closed_at=NOON,
        closed_by_run_id=7,
    )
    assert drawn(gaps_table([gap]))[-1] == [
        *("3", "BTC-USD", "kraken", "missing candles", "2025-03-04 12:00:00"),
        *("-", "1,200", "2025-03-04 12:00:00"),
    ]


def test_names_and_numbers_stay_whole_on_a_terminal_of_80_columns() -> None:
    names = {
        "alpha_vantage": feed(events=12_345_678, reconnects=1_000),
        "simulator": feed(state="reconnecting"),
    }
    lines = drawn(feeds_report(Feeds(choice="", feeds=names)), width=80)
    cells = {cell for line in lines for cell in line}
    assert {"alpha_vantage", "reconnecting", "12,345,678", "Reconnects", "2025-03-04", "12:00:00"} <= cells
    run_cells = {cell for line in drawn(runs_table([run(source="alpha_vantage")]), width=80) for cell in line}
    assert {"backfill", "alpha_vantage", "1:02:03", "60,000"} <= run_cells
