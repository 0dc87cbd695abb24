"""The controller board and its motors: the client that a car drives with, and a byte-level emulator."""
