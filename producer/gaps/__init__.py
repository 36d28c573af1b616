"""Times for which a symbol's data is missing: found in its candles, kept when they are filled."""
