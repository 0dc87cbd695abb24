"""Model cards: what a shipped model is, where it comes from, how good it is and where it ends."""
