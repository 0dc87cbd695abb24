"""A car: what it sees, where it is, how it drives, and what it tells the server and the visitor."""
