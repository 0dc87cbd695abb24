"""`python -m pixelopolis` is the same as `pixelopolis`."""

from pixelopolis.cli import main

main()
