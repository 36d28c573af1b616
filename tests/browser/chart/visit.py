"""One visit of the chart page: what a person does there, and what the browser complained of."""

from dataclasses import dataclass, field
from urllib.parse import quote

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

MILLISECONDS = 20_000


@dataclass
class Visit:
    """The page, and the complaints so far: errors, and refusals of the policy."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open_with(self, path: str, symbol: str) -> None:
        """Open a symbol's chart, and wait until what the API answers below a path has come, too."""
        with self.page.expect_response(lambda answer: f"/api/v1{path}" in answer.url) as beside:
            self.open(symbol)
        beside.value.finished()

    def open(self, symbol: str, interval: str = "1m") -> None:
        """Open a symbol's chart, and wait until candles are drawn."""
        self.page.goto(f"{self.url}/dashboard/{quote(symbol)}?interval={interval}")
        expect(self.legend).to_contain_text("O", timeout=MILLISECONDS)
        expect(self.notice).to_be_hidden()

    @property
    def legend(self) -> Locator:
        """The words over the chart."""
        return self.page.locator("#legend")

    @property
    def notice(self) -> Locator:
        """What stands where the chart would be."""
        return self.page.locator("#notice")

    @property
    def price(self) -> Locator:
        """The last price."""
        return self.page.locator("#last-price")

    @property
    def badge(self) -> Locator:
        """What kind of prices these are."""
        return self.page.locator("#badge")

    def press(self, key: str) -> None:
        """Press a key while no field has the focus."""
        self.page.locator("body").press(key)

    def point_until_the_legend_says(self, text: str) -> None:
        """Move the mouse over the candles, from the newest to the left, until the legend says it."""
        box = self.page.locator("#chart").bounding_box()
        assert box is not None
        for x in range(int(box["width"]) - 90, 0, -4):
            self.page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
            # The legend is written before the next frame.
            self.page.evaluate(
                "new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
            )
            if text in self.legend.inner_text():
                return
        raise AssertionError(f"the legend says {text!r} of no candle")


def visit(page: Page, url: str) -> Visit:
    """Watch a page for complaints from now on."""
    found = Visit(page, url)
    page.set_default_timeout(MILLISECONDS)
    page.on("console", lambda message: _note(found, message))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', "
        "event => console.error(`policy: ${event.violatedDirective}`))"
    )
    return found


def _note(found: Visit, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        found.complaints.append(message.text)
