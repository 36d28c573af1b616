"""The streaming job: market events in, candles and indicators out."""
