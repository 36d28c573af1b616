"""Throughput and latency of the job, beside a hand-written consumer in the same run."""
