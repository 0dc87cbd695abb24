"""Several server processes on one store: one of them leads and decides, the others pass on to it."""
