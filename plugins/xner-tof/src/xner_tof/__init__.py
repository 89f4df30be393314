"""Taggers that first learn to read: named entity recognition as reading comprehension, and back."""
