"""What xner needs on a machine with nothing else: an embedded encoder and a generated corpus."""
