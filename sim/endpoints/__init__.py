"""What a car and an evaluator see of the simulator: cameras, boards and the control port."""
