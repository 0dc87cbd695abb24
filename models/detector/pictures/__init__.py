"""Labelled pictures: rendered, packed into collages, on disk."""
