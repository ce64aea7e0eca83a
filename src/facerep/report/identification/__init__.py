"""Identification for the eye: tables, CMC and DIR, the look-up of one picture."""
