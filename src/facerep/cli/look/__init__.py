"""Look at data."""
