"""What the producer does by the clock: jobs, when each is due, and what became of it last."""
