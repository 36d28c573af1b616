"""Reads, requeues and purges the events that the job could not accept."""
