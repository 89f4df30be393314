"""What the commands that look at corpora and resources print."""
