"""Training a lane model and writing the files that a car loads."""
