"""HDF5: what a stranger's file may not do is refused before anything is read; what we write carries checksums."""
