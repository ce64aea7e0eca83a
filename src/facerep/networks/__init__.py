"""Networks: layers, families, and the catalog of rows that can be trained.

Floor 6. Start reading at catalog.py, then deepid.py; layers.py holds the locally shared convolutions.
"""
