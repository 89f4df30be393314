"""Weights by the entropy of the teacher, for xner."""
