"""Students: what follows the teachers' signals."""
