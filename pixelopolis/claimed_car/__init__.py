"""A car that gets its simulated body by itself, so that any number of them can be started alike."""
