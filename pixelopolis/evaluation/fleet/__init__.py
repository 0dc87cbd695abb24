"""A whole fleet in lockstep: the server's dispatcher and store, real pilots, visitors by chance, faults by schedule."""
