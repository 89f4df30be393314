"""Resources: what is known of languages from outside of a run's corpora, such as dictionaries."""
