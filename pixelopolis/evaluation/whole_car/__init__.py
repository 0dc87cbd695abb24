"""The whole car driven in lockstep: its own control loop, eyes, pilot and board client in a simulated city."""
