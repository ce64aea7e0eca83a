"""Search for the eye."""
