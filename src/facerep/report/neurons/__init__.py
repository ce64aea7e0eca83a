"""Units for the eye: sparseness, selectiveness, and sheets of the faces that excite them."""
