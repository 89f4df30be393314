"""Students: models that follow the teachers' signals."""
