"""Metrics: pure functions of scores. numpy and scipy only.

Floor 3. The rules are written out in docs/numbers.md. Start reading at operating_points.py.
"""
