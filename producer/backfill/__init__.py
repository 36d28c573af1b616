"""Bars of the past: asks providers for what is missing, and brings it to `market.bars`."""
