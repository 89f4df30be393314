"""WS: labels are projected along aligned words of parallel sentences."""
