"""Files: layouts, whole-or-absent writing, provenance. No arithmetic on faces here.

Floor 1. Start reading at features.py, the file that stages hand to each other; hdf5/reading.py is the guarded door
through which every HDF5 file is read.
"""
