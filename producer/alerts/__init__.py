"""Rules that watch the market: what they may say, and where they are kept."""
