"""Localization: where faces are, and how surely they are found."""
