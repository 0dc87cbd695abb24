"""A server that runs as its operators start it, and whoever talks to it."""
