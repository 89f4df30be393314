"""How words and pairs of words count: as sure as the teachers are, or even over the types."""
