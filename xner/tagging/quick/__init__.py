"""Quicker ways to run an encoder on a CPU."""
