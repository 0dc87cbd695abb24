"""The shell around the fleet's decisions: one call at a time, stored first, then told."""
