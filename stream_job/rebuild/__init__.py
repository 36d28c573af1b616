"""Recomputes the candles and indicators of a past range from the raw events in `snapshots`."""
