"""The data sets that are known by what lies on disk, a reader each."""
