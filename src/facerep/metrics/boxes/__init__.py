"""Figures of boxes in pictures: how far two overlap, and how well a face is followed."""
