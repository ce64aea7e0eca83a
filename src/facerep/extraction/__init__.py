"""Extraction: faces through a network into a feature file, resumable at any instant.

Floor 8. Start reading at extract.py.
"""
