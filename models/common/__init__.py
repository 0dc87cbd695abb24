"""What the making of every model shares."""
