"""Five points: how near detectors and the cascade come to marked ones."""
