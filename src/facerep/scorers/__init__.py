"""Scorers: from vectors to scores. Larger is more alike, always.

Floor 6. A scorer has score(a, b), row by row, and matrix(a, b), every row with every row; fitted ones are kept in
a scorer file. Start reading at cosine.py; joint_bayesian.py is the long one.
"""
