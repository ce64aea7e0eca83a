"""Attributes for the eye: tables, figures, systems side by side."""
