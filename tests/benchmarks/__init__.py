"""How fast xner is, against the usual way of doing the same: `make bench` runs all rows, one module each."""
