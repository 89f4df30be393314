"""Gazetteers, and methods that learn from them."""
