"""Whether what is kept on disk is what was written, and what becomes of it if it is not."""
