"""Vectors that other programs made, as features."""
