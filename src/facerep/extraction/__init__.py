"""Extraction: faces through a network into a feature file, resumable at any instant.

Floor 7. Start reading at extract.py.
"""
