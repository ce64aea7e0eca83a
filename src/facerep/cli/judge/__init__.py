"""Judge: verify, identify, search and the other questions."""
