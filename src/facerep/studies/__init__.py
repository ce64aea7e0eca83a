"""Studies: questions put to features and networks. Each returns one frozen result that knows to_dict().

Floor 7. Start reading at verification.py.
"""
