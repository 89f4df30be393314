"""Labels that agree: among the teachers, among a form's occurrences, and among neighbouring tags."""
