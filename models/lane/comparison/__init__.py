"""Drivers side by side."""
