"""Commands: what a person types. Parse, call one study, hand its result to the report.

Floor 12. One module a command, registered in main.py; heavy imports stand inside the functions.
"""
