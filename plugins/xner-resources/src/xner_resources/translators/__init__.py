"""Translators: of sentences and phrases."""
