"""Reports of localization."""
