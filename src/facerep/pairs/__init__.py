"""Pairs: which are judged, their scores, what they share, the rates and thresholds that follow.

Floor 9. Studies ask here; nothing here knows which study asks. Start at choice.py, then scored_pairs.py.
"""
