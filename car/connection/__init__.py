"""The car and its server: who the car is, its key, the link."""
