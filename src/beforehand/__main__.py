"""`python -m beforehand` is the same as the `beforehand` command."""

from beforehand.cli import main

main()
