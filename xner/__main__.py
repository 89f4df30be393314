"""`python -m xner`."""

from xner.cli.main import main

main()
