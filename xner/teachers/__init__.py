"""Teachers: what speaks of each target word."""
