"""The chart page: static files, and the addresses that they are served under."""
