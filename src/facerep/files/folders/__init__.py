"""Folders that a command fills with several files, and folders of files that are read as one."""
