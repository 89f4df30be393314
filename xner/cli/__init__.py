"""The command line: options in, results on the screen."""
