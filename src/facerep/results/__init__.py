"""What a study came to: figures with their intervals, one way to JSON, one reader.

Floor 2. Nothing is computed here from faces or scores; metrics fill these values. Start at figures.py.
"""
