"""What to label next: raw sentences, ranked by what a label would teach."""
