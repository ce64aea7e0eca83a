"""Detection: faces in photographs, their five points, and the aligned faces that these give.

Floor 7. Start reading at aligned_faces.py; detectors.py is the table of what finds boxes.
"""
