"""Codes for the eye: what binarize made, and the table of costs."""
