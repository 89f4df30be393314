"""Teachers: what is said of each target word."""
