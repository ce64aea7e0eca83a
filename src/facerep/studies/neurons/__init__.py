"""What do single units of a feature know? Sparseness, selectiveness, the faces that excite them."""
