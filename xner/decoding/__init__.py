"""Decoding: from the probabilities of tags, word by word, to tags that fit together."""
