"""How the chart page writes numbers and times."""

import pytest

from tests.unit.chart.node import evaluate


@pytest.mark.parametrize(
    ("text", "places", "shown"),
    [
        ("60123.4500", 0, "60,123.45"),
        ("60123.4", 2, "60,123.40"),
        ("0.000000000000000001", 2, "0.000000000000000001"),
        ("12345678901234567890.123456789", 0, "12,345,678,901,234,567,890.123456789"),
        ("-1234", 2, "-1,234.00"),
        (None, 2, "–"),
        ("1e-9", 2, "1e-9"),
    ],
)
def test_a_price_keeps_every_digit_that_says_something(text: str | None, places: int, shown: str) -> None:
    assert evaluate("numbers.js", "module.grouped(text, places)", text=text, places=places) == shown


@pytest.mark.parametrize(
    ("a", "b", "sign"),
    [
        ("0.1", "0.10", 0),
        ("9.99", "10", -1),
        ("-2", "-1", -1),
        # As binary floats these two are one number.
        ("12345678901234567.01", "12345678901234567.02", -1),
        ("0.000000000000000002", "0.000000000000000001", 1),
    ],
)
def test_decimals_are_compared_exactly(a: str, b: str, sign: int) -> None:
    assert evaluate("numbers.js", "module.compareDecimals(a, b)", a=a, b=b) == sign


@pytest.mark.parametrize(("to", "shown"), [("101.25", "+1.25 %"), ("99", "−1.00 %"), ("100", "+0.00 %")])
def test_a_change_has_a_sign(to: str, shown: str) -> None:
    assert evaluate("numbers.js", "module.percentChange('100', to)", to=to) == shown


@pytest.mark.parametrize(
    ("zone", "interval", "shown"),
    [
        ("UTC", "1m", "2026-01-05 20:30"),
        ("Asia/Tokyo", "1m", "2026-01-06 05:30"),
        # A day is a label: the same one for every reader.
        ("Asia/Tokyo", "1d", "2026-01-05"),
    ],
)
def test_a_moment_is_told_in_the_zone_chosen(zone: str, interval: str, shown: str) -> None:
    expression = "new module.Clock(zone, interval).moment(module.seconds('2026-01-05T20:30:00Z'))"
    assert evaluate("times.js", expression, zone=zone, interval=interval) == shown


def test_what_is_midnight_in_utc_is_labelled_with_its_hour_elsewhere() -> None:
    expression = """[
        new module.Clock('UTC', '1m').tick(module.seconds('2026-01-06T00:00:00Z'), 2),
        new module.Clock('Asia/Tokyo', '1m').tick(module.seconds('2026-01-06T00:00:00Z'), 2),
    ]"""
    assert evaluate("times.js", expression) == ["6", "09:00"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.4, "4 s"), (720, "12 min"), (10_800, "3 h"), (172_800, "2 days"), (-1, "0 s")]
)
def test_an_age_is_told_in_words(seconds: float, shown: str) -> None:
    assert evaluate("times.js", "module.ageText(age)", age=seconds) == shown
