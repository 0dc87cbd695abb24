"""The detector's data sets from and for other programs."""
