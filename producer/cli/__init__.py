"""The command `candlewick`: the producer's API, and the commands beside it, from the shell."""
