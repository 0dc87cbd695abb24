"""From a trained model to the files that a car loads."""
