"""Whether a car is fit to drive: one file for each part that is tried, by itself."""
