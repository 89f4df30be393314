"""Supervised contrastive learning as an auxiliary task for xner."""
