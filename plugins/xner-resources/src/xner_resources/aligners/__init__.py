"""Aligners: by the similarity of words, and by what sentences have in common."""
