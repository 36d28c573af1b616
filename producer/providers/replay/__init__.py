"""Recorded files as a source of market events, at their own times or at ours."""
