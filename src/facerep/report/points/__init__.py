"""Five points: the report of how near they are."""
