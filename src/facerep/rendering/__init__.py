"""Rendering: people who do not exist, drawn under every view and light of Multi-PIE's plan.

Floor 3. render.py makes a set; names.py, set_files.py say how it lies on disk. numpy, scipy and Pillow only.
"""
