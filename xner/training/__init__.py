"""One training loop, for any objective."""
