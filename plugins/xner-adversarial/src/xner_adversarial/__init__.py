"""Adversarial training: an encoder whose states do not show which language they are of."""
