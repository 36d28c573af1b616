"""How the chart page asks for the candles of its market."""

from typing import Any

from tests.unit.chart.node import evaluate

CANDLE = {
    "bucket_start": "2026-01-05T14:30:00Z",
    "open": "1",
    "high": "1",
    "low": "1",
    "close": "1",
    "volume": "5",
    "vwap": None,
    "trade_count": 1,
    "is_final": True,
    "is_partial": False,
    "revision": 3,
    "origin": "stream",
    "source": "simulator",
}
BEGUN_MEANWHILE = """{
    let isHeld = () => {}, letGo = () => {};
    const held = new Promise(resolve => { isHeld = resolve; });
    const released = new Promise(resolve => { letGo = resolve; });
    const asked = [];
    globalThis.fetch = async address => {
        asked.push(address);
        if (asked.length === 1) { isHeld(); await released; }
        const body = address.includes('/latest') ? { candle: null } : { candles: [candle] };
        return { ok: true, json: async () => body };
    };
    const market = new module.Market('BTC-USD', '1m', () => {});
    const refreshed = market.update();
    await held;
    const begun = market.begin();
    letGo();
    await Promise.all([refreshed, begun]);
    return asked.length;
}"""
# The API: its answer about the newest candle is held up, and meanwhile there is a first candle.
ASKED_MEANWHILE = """{
    const stored = [], asked = [];
    let [isHeld, letGo] = [() => {}, () => {}];
    const held = new Promise(resolve => { isHeld = resolve; });
    const released = new Promise(resolve => { letGo = resolve; });
    globalThis.fetch = async address => {
        asked.push(address.includes('/latest') ? 'latest' : 'candles');
        const body = address.includes('/latest') ? { candle: null } : { candles: [...stored] };
        if (address.includes('/latest')) { isHeld(); await released; }
        return { ok: true, json: async () => body };
    };
    const market = new module.Market('BTC-USD', '1m', () => {});
    const first = market.update();
    await held;
    stored.push(candle);
    const others = [market.update(), market.update()];
    letGo();
    await Promise.all([first, ...others]);
    return { asked, candles: market.candles.list.length };
}"""


def test_who_asks_while_a_question_is_out_gets_what_came_after_it_was_read() -> None:
    found: dict[str, Any] = evaluate("market.js", ASKED_MEANWHILE, candle=CANDLE)
    assert found == {"asked": ["candles", "latest"] * 2, "candles": 1}


def test_the_first_candles_are_not_asked_for_twice() -> None:
    assert evaluate("market.js", BEGUN_MEANWHILE, candle=CANDLE) == 2
