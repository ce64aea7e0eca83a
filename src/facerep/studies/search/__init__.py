"""Which faces of a gallery are most like each query? Exact, by an index, or in a database."""
