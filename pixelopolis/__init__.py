"""The command line: every verb of `pixelopolis` is a thin file here."""
