"""The whole system on one machine, made of the real verbs as separate processes."""
