"""How often a provider may be asked: limits, and the calls that PostgreSQL has counted against them."""
