"""How good a detector is, in figures and pictures."""
