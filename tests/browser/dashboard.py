"""One visit of the dashboard: what the browser asked for, got and drew."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.stack import RunningStack

MILLISECONDS = 90_000
# Superset's own front end carries a tracking pixel; the policy that refuses it makes the browser say so.
REFUSED_PIXEL = "apachesuperset.gateway.scarf.sh"


@dataclass
class Visit:
    """The open page, and what has happened on it so far."""

    page: Page
    screenshot: Path
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def chart_answers(self) -> dict[int, tuple[int, list[int]]]:
        """The status and the row counts of each chart's last answer, by the number of the chart."""
        found = {}
        for answer in self.answers:
            number = _chart_of(answer)
            if number is not None:
                body = answer.json()
                found[number] = (answer.status, [query["rowcount"] for query in body.get("result", [])])
        return found

    @property
    def candlestick(self) -> Locator:
        """The candlestick chart; its attributes say what it shows."""
        return self.page.locator("[data-test=market-candlestick]")

    def choose_symbol(self, symbol: str) -> None:
        """Choose it in the filter above the charts, and apply that."""
        self.page.locator("[data-test=NATIVE_FILTER-symbol]").click()
        self.page.locator(f".ant-select-item-option[title='{symbol}']").click()
        self.page.locator("[data-test=filter-bar__apply-button]").click()


def visit_dashboard(page: Page, stack: RunningStack, charts: int) -> Visit:
    """Log in, open the dashboard, wait until so many charts are drawn, and keep a picture of it."""
    page.set_default_timeout(MILLISECONDS)
    visit = Visit(page, stack.var_dir / "screenshots" / "dashboard.png")
    page.on("console", lambda message: _note(visit, message.type, message.text))
    page.on("response", lambda answer: visit.answers.append(answer) if _is_data(answer) else None)
    log_in(page, stack.superset_url, stack.env["SUPERSET_ADMIN_PASSWORD"])
    page.wait_for_url("**/superset/welcome/")
    page.goto(f"{stack.superset_url}/superset/dashboard/market/")
    try:
        expect(page.locator(".slice_container")).to_have_count(charts, timeout=MILLISECONDS)
        expect(page.locator("[data-test=loading-indicator]")).to_have_count(0, timeout=MILLISECONDS)
        expect(visit.candlestick).to_be_visible(timeout=MILLISECONDS)
    finally:
        visit.screenshot.parent.mkdir(exist_ok=True)
        page.screenshot(path=visit.screenshot)
    return visit


def log_in(page: Page, url: str, password: str) -> None:
    """Fill in Superset's log-in form as `admin`."""
    page.goto(f"{url}/login/")
    page.locator("[data-test=username-input]").fill("admin")
    page.locator("[data-test=password-input]").fill(password)
    page.locator("[data-test=password-input]").press("Enter")


def _is_data(answer: Response) -> bool:
    return "/api/v1/chart/data" in answer.url


def _chart_of(answer: Response) -> int | None:
    """The chart's number; None for the query of a filter."""
    asked: dict[str, Any] = answer.request.post_data_json or {}
    number: int | None = asked.get("form_data", {}).get("slice_id")
    return number


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind == "error" and REFUSED_PIXEL not in text:
        visit.complaints.append(text)
