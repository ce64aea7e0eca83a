"""Reconstruction: faces drawn anew by a network, beside what their people truly look like."""
