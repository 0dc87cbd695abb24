"""Who does work that falls into independent pieces: this process, several of this machine, or a Ray cluster."""
