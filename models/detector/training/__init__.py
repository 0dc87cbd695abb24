"""Training the detector: batches, settings, checkpoints, the log."""
