"""Files of sentences, each format in a module of its own."""
