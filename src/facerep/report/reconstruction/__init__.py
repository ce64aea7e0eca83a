"""Reconstruction: faces drawn anew, as a report."""
