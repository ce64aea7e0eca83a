"""Sparse networks for the eye."""
