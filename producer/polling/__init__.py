"""Polled feeds: quotes that are asked for, as often as the provider's quota lets them be."""
