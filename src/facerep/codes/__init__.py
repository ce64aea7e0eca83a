"""Codes: the bits of a feature, how they are chosen, packed and compared.

Floor 5. Start reading at binarize.py.
"""
