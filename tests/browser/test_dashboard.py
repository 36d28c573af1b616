"""The dashboard in a browser: a person who logs in sees a market."""

from datetime import UTC, datetime

from playwright.sync_api import Browser, Response, expect

from tests.browser.dashboard import MILLISECONDS, Visit, log_in
from tests.browser.superset_api import SupersetApi
from tests.stack import RunningStack

TOKYO_FROM_UTC = 9 * 3600  # seconds; the browser believes that it is there


def test_every_chart_asks_for_its_data_and_gets_rows(dashboard: Visit, superset: SupersetApi) -> None:
    answers = dashboard.chart_answers()
    assert set(answers) == set(superset.charts("market").values())
    for status, counts in answers.values():
        assert status == 200
        assert counts
        assert all(count > 0 for count in counts)


def test_charts_are_drawn_and_tables_are_filled(dashboard: Visit) -> None:
    page = dashboard.page
    assert page.locator("canvas").count() >= 3  # candles, closes, volume
    assert page.locator("table tbody tr").count() >= 3  # prices, activity, freshness
    assert page.get_by_text("No results were returned").count() == 0


def test_the_candlestick_shows_candles_of_one_symbol(dashboard: Visit) -> None:
    assert int(dashboard.candlestick.get_attribute("data-candles") or 0) > 0
    assert (dashboard.candlestick.get_attribute("data-symbol") or "").endswith(".SIM")
    assert dashboard.candlestick.get_attribute("data-interval") == "1m"


def test_simulated_data_is_called_simulated(dashboard: Visit) -> None:
    expect(dashboard.page.locator("[data-test=market-candlestick-kind]")).to_have_text("SIMULATED")
    tile = dashboard.page.locator("[data-test=market-source][data-source=simulator]")
    expect(tile).to_contain_text("Invented prices: not a market.")
    assert dashboard.page.locator("td").filter(has_text="SIMULATED").count() >= 3


def test_times_are_utc_wherever_the_browser_is(dashboard: Visit, superset: SupersetApi) -> None:
    (newest,) = superset.chart_rows(
        superset.charts("market")["Candles"], columns=["bucket_start"], row_limit=1
    )
    shown = dashboard.candlestick.get_attribute("data-newest") or ""
    at = datetime.strptime(shown, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert abs(newest["bucket_start"] / 1000 - at.timestamp()) < TOKYO_FROM_UTC / 2


def test_nothing_on_the_page_complains(dashboard: Visit) -> None:
    assert dashboard.page.locator("[role=alert]").all_inner_texts() == []
    assert dashboard.complaints == []


def test_a_picture_of_the_dashboard_is_kept(dashboard: Visit) -> None:
    assert dashboard.screenshot.stat().st_size > 50_000


def test_the_dashboard_refreshes_by_itself(dashboard: Visit) -> None:
    with dashboard.page.expect_response("**/api/v1/chart/data*", timeout=MILLISECONDS) as refreshed:
        pass
    assert refreshed.value.status == 200


def test_choosing_a_symbol_changes_the_candlestick(dashboard: Visit) -> None:
    before = dashboard.candlestick.get_attribute("data-symbol")
    other = "AAPL.SIM" if before != "AAPL.SIM" else "MSFT.SIM"
    dashboard.choose_symbol(other)
    expect(dashboard.candlestick).to_have_attribute("data-symbol", other, timeout=MILLISECONDS)


def test_the_candlestick_leads_to_the_chart_page_of_its_symbol(
    dashboard: Visit, market: RunningStack
) -> None:
    symbol = dashboard.candlestick.get_attribute("data-symbol") or ""
    with dashboard.page.expect_popup() as opened:
        dashboard.candlestick.get_by_role("link", name="Open chart page").click()
    page = opened.value
    expect(page).to_have_url(f"{market.api_url}/dashboard/{symbol}?interval=1m", timeout=MILLISECONDS)
    expect(page.locator("#symbol")).to_have_text(symbol)
    expect(page.locator("#badge")).to_have_text("Simulated", timeout=MILLISECONDS)
    page.close()


def test_a_wrong_password_opens_nothing(stack: RunningStack, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    with page.expect_response(_answers_a_log_in, timeout=MILLISECONDS):
        log_in(page, stack.superset_url, "admin")
    page.goto(f"{stack.superset_url}/superset/dashboard/market/", timeout=MILLISECONDS)
    expect(page.locator("[data-test=password-input]")).to_be_visible(timeout=MILLISECONDS)
    context.close()


def _answers_a_log_in(answer: Response) -> bool:
    return answer.request.method == "POST" and "/login" in answer.url
