"""Cars driven by hand: the real pilot, the server's real rules and the simulator, in lockstep."""
