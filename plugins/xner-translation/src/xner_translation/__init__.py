"""Methods that learn from translated source text."""
