"""Layers that keep a part of their weights: the mask, where it is in a file, and how the rest is multiplied."""
