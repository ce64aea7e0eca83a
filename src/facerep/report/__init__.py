"""Report: tables, JSON, CSV and figures, from results alone.

Floor 8. One function a kind of result; nothing is computed here that a result does not already hold.
"""
