"""Codes: the bits of a feature, how they are chosen, packed and compared.

Floor 4. Start reading at binarize.py.
"""
