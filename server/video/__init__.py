"""Live pictures of the cars, fetched once for any number of viewers."""
