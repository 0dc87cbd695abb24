"""What the server remembers: one interface, one implementation for each database."""
