"""Tracking for the eye: boxes as a CSV file, figures where true boxes are known."""
