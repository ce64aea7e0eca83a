"""Report: results as tables, CSV files, figures and one HTML page.

Floor 11. Nothing is computed here that a result does not hold. Folders are those of studies/. Start at report.py.
"""
