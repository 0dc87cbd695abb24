"""Visitors' rides: the life of one, the queue for cars, and who may watch. Pure."""
