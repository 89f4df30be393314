"""The baselines of cross-lingual named entity recognition: direct transfer and teacher-student learning."""
