"""`facerep analyze`: what single units of a feature know."""
