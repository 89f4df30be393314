"""Looking at finished runs: sections of their pages, as data, and how a page shows them."""
