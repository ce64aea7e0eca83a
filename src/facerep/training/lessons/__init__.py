"""What a network is taught: a module a lesson, and a row of catalog.py."""
