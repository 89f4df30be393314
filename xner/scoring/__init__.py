"""What tags are worth: scores, counts, intervals."""
