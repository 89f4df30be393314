"""A contract class for each kind of component."""
