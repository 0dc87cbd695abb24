"""Lane models: how their data is made, what they look like, how they are trained, exported and judged."""
