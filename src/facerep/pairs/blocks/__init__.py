"""Blocks of scores of all impostor pairs, computed anew at each pass: in memory, on a device, of codes, from disk."""
