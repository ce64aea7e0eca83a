"""Signals: what a network is taught with. Tensors in, one number out; no network, no data here.

Floor 6. Start reading at verification.py, the signal that DeepID2 added.
"""
