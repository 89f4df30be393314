"""Text in: sentences, their tags, and the files and data sets that they are read from."""
