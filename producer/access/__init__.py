"""Who may use the API, for what, and how often."""
