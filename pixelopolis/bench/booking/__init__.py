"""Many visitors after few cars at the same moment."""
