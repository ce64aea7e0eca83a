"""Teaching a network what faces look like."""
