"""Comparison of two photographs for the eye."""
