"""Covered faces for the eye."""
