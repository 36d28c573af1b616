"""Fetches market data, normalises it to market events and publishes them with confirms."""
