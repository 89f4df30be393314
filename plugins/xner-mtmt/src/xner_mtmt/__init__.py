"""MTMT: multiple tasks and multiple teachers for cross-lingual named entity recognition."""
