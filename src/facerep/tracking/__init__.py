"""A face followed through frames by the maps of a trunk (FCNT).

Floor 8. Regions, trunks, selected maps, heads, particles, and the tracker that joins them; frames of folders.
"""
