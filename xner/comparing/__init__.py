"""Methods on targets with seeds: the same data, one table."""
