"""What xner runs with on a bare machine: an embedded encoder and a generated corpus."""
