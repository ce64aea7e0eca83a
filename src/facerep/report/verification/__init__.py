"""Verification for the eye: tables, ROC and DET, results side by side."""
