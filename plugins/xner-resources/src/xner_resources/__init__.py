"""Dictionaries and other resources of languages."""
