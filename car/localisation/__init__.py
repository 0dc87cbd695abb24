"""Where the car is on the city's graph: found from signs, kept by wheel odometry and signs."""
