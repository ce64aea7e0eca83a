"""Represent: extract, import, binarize."""
