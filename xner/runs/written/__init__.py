"""What a run writes beside its student: the card, the manifest, the page."""
