"""A training that goes on: after a kill, a signal, too large a batch, and never from a damaged checkpoint."""
