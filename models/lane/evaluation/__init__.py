"""How well a lane model drives, in closed loop and frame by frame."""
