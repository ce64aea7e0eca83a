"""Readers: what lies on disk becomes a Faces table.

Floor 4. load.py looks at a path and picks the reader; cache.py keeps cut faces for the next run.
"""
