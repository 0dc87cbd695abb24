"""From what is seen and heard to wheel speeds. Pure."""
