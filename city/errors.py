"""Errors of the map."""

from __future__ import annotations


class CityError(ValueError):
    """A city file is wrong. Says which file, which key, and what is the matter."""

    def __init__(self, source: str, key: str, problem: str) -> None:
        super().__init__(f"{source}: {key}: {problem}" if key else f"{source}: {problem}")
        self.source = source
        self.key = key
        self.problem = problem


class NoRouteError(ValueError):
    """There is no way from one edge to another."""
