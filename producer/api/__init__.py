"""The HTTP side of the producer: what runs, and control over it."""
