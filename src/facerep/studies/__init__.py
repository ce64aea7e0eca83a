"""Studies: questions put to features and networks, a folder for each; what they find is a result.

Floor 10. Nothing is printed or drawn here. Start at verification/verify.py.
"""
