"""An alert rule says only what can happen, and what it says is kept digit for digit."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from db.models import ALERT_CHANNELS, ALERT_KINDS
from producer.alerts.parameters import PARAMETERS
from producer.alerts.rules import RULE, Delivery, columns, merged
from producer.api.alerts import Kind

GOOD: dict[str, dict[str, Any]] = {
    "price_cross": {"parameters": {"price": "65000"}},
    "percent_move": {"parameters": {"percent": "2.5", "window_minutes": 15}},
    "indicator_threshold": {"interval": "1h", "parameters": {"indicator": "rsi_14", "threshold": 70}},
    "indicator_cross": {"interval": "1d", "parameters": {"indicator": "ema_12", "other": "ema_26"}},
    "volume_spike": {"interval": "5m", "parameters": {"ratio": "3", "candles": 20}},
    "feed_silent": {"parameters": {"minutes": 10}},
}


def rule(kind: str, **changes: Any) -> dict[str, Any]:
    """A good rule of a kind, with some members changed; parameters are changed one by one."""
    parameters = {**GOOD[kind]["parameters"], **changes.pop("parameters", {})}
    return {"kind": kind, "name": "A", "symbol": "BTC-USD", **GOOD[kind], "parameters": parameters, **changes}


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as error:
        RULE.validate_python(document)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.value.errors()
    )


def test_the_kinds_and_channels_are_those_of_the_table() -> None:
    assert set(GOOD) == set(PARAMETERS) == set(ALERT_KINDS) == set(get_args(Kind))
    assert set(Delivery.model_fields) == set(ALERT_CHANNELS)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("price_cross", {"price": "65000", "direction": "both", "hysteresis": "0"}),
        (
            "percent_move",
            {"percent": "2.5", "window_minutes": 15, "direction": "both", "hysteresis": "0"},
        ),
        (
            "indicator_threshold",
            {"indicator": "rsi_14", "threshold": 70, "direction": "both", "hysteresis": 0},
        ),
        ("indicator_cross", {"indicator": "ema_12", "other": "ema_26", "direction": "both"}),
        ("volume_spike", {"ratio": "3", "candles": 20}),
        ("feed_silent", {"minutes": 10}),
    ],
)
def test_of_each_kind_all_parameters_are_kept_those_left_out_with_what_then_holds(
    kind: str, kept: dict[str, object]
) -> None:
    row = columns(RULE.validate_python(rule(kind)))
    assert row["parameters"] == kept
    assert (row["kind"], row["interval"]) == (kind, GOOD[kind].get("interval"))
    assert (row["delivery"], row["is_enabled"]) == ({}, True)


def test_a_decimal_is_kept_digit_for_digit() -> None:
    price = "12345678901234567890.123456789012345678"
    assert (
        columns(RULE.validate_python(rule("price_cross", parameters={"price": price})))["parameters"]["price"]
        == price
    )


@pytest.mark.parametrize(
    "price", [65000.5, 65000, "-1", "1e5", "NaN", "0x1", "", "1" * 21, "0." + "1" * 19, None]
)
def test_what_is_no_exact_decimal_is_refused_with_how_one_is_written(price: object) -> None:
    said = refusal(rule("price_cross", parameters={"price": price}))
    assert said.startswith("parameters.price: ")
    assert 'write a string as "65000.5"' in said


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("price_cross", {"price": "0.0"}, "parameters.price: it must be above zero"),
        ("price_cross", {"price": "50", "hysteresis": "50"}, "would fire once and never again"),
        ("price_cross", {"prise": "1"}, "parameters.prise: Extra inputs are not permitted"),
        (
            "price_cross",
            {"direction": "sideways"},
            "parameters.direction: Input should be 'up', 'down' or 'both'",
        ),
        ("percent_move", {"percent": "100"}, "no price falls by 100 percent"),
        ("percent_move", {"hysteresis": "2.5"}, "choose a hysteresis below the percent"),
        ("percent_move", {"window_minutes": 1_441}, "less than or equal to 1440"),
        ("percent_move", {"window_minutes": "15"}, "should be a valid integer"),
        ("indicator_threshold", {"indicator": "rsi"}, "there is no indicator 'rsi': choose one of sma_20, "),
        ("indicator_threshold", {"threshold": float("nan")}, "parameters.threshold"),
        ("indicator_threshold", {"threshold": 10**400}, "parameters.threshold"),
        ("indicator_threshold", {"hysteresis": -1}, "greater than or equal to 0"),
        ("indicator_cross", {"other": "ema_12"}, "ema_12 cannot cross itself"),
        ("volume_spike", {"ratio": "0"}, "parameters.ratio: it must be above zero"),
        ("volume_spike", {"candles": 0}, "greater than or equal to 1"),
        ("feed_silent", {"minutes": True}, "parameters.minutes: Input should be a valid integer"),
    ],
)
def test_what_a_kind_cannot_say_is_refused_with_the_parameter_and_the_reason(
    kind: str, parameters: dict[str, object], sentence: str
) -> None:
    assert sentence in refusal(rule(kind, parameters=parameters))


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("price_cross", {"price": "50", "hysteresis": "50", "direction": "down"}),
        ("percent_move", {"percent": "100", "direction": "up"}),
        ("indicator_threshold", {"threshold": -0.5, "hysteresis": 2}),
    ],
)
def test_what_a_direction_makes_possible_is_let_in(kind: str, parameters: dict[str, object]) -> None:
    RULE.validate_python(rule(kind, parameters=parameters))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"interval": "2m"}, "interval: Input should be '1m', '5m', '15m', '1h' or '1d'"),
        ({"interval": None}, "interval: Input should be"),
        ({"name": "two\nlines"}, "name: String should match pattern"),
        ({"symbol": "btc usd"}, "symbol: String should match pattern"),
        ({"is_enabled": "yes"}, "is_enabled: Input should be a valid boolean"),
    ],
)
def test_what_no_rule_can_say_is_refused(changes: dict[str, object], sentence: str) -> None:
    assert sentence in refusal(rule("volume_spike", **changes))


@pytest.mark.parametrize("kind", ["price_cross", "percent_move", "feed_silent"])
def test_a_rule_on_events_has_no_interval(kind: str) -> None:
    assert "on events, which have no interval: leave it out" in refusal(rule(kind, interval="1m"))


def test_a_kind_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValidationError, match=r"'walk' .*'price_cross', 'percent_move'"):
        RULE.validate_python({**rule("feed_silent"), "kind": "walk"})


@pytest.mark.parametrize(
    "webhook",
    ["https://hooks.example.com/a/b?c=d", "http://10.0.0.7:8080/", "http://[::1]:9/x", "http://localhost/"],
)
def test_a_webhook_may_be_anywhere_also_in_ones_own_network(webhook: str) -> None:
    row = columns(RULE.validate_python(rule("feed_silent", delivery={"webhook": webhook})))
    assert row["delivery"] == {"webhook": webhook}


@pytest.mark.parametrize(
    "webhook", ["ftp://example.com/", "example.com", "http://", "file:///etc/passwd", "https://a:0x/"]
)
def test_a_webhook_that_is_no_address_of_http_is_refused(webhook: str) -> None:
    assert "write https://host/path, or http://" in refusal(
        rule("feed_silent", delivery={"webhook": webhook})
    )


@pytest.mark.parametrize("webhook", ["https://user:sesame@example.com/", "https://sesame@example.com/"])
def test_a_webhook_with_a_password_is_refused_and_not_repeated(webhook: str) -> None:
    said = refusal(rule("feed_silent", delivery={"webhook": webhook}))
    assert "which every reader of the database would see" in said
    assert "sesame" not in said


@pytest.mark.parametrize(
    "email", ["nobody", "a@b", "A <a@example.com>,b@example.com", "a@example.com\nBcc: b@c.de"]
)
def test_an_address_that_is_none_is_refused(email: str) -> None:
    assert "delivery.email: value is not a valid email address" in refusal(
        rule("feed_silent", delivery={"email": email})
    )


def test_a_change_is_merged_as_rfc_7396_says() -> None:
    present = {
        "name": "A",
        "parameters": {"price": "1", "hysteresis": "2"},
        "delivery": {"email": "a@example.com"},
    }
    change = {
        "parameters": {"hysteresis": None, "direction": "up"},
        "delivery": {"email": None, "webhook": "http://b/"},
    }
    assert merged(present, change) == {
        "name": "A",
        "parameters": {"price": "1", "direction": "up"},
        "delivery": {"webhook": "http://b/"},
    }
