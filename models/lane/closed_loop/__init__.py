"""A simulated car on a route, and whoever steers it."""
