"""The simulator: world, physics, renderer, expert driver, and the camera and board endpoints that cars see."""
