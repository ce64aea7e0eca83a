"""A face followed through frames by the maps of a trunk (FCNT).

Floor 7. Regions, trunks, selected maps, heads, particles, and the tracker that joins them; frames of folders.
"""
