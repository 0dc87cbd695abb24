"""Which answers a server has declared, by its own description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def undeclared(description: Mapping[str, Any], answers: Mapping[tuple[str, int], int]) -> list[str]:
    """Answers that are not in an OpenAPI description, in words.

    Args:
        description: of the server.
        answers: their number, by route, as `GET /api/cars`, and status.
    """
    lines = []
    for (route, status), count in sorted(answers.items()):
        method, _, path = route.partition(" ")
        declared = description["paths"].get(path, {}).get(method.lower(), {}).get("responses", {})
        if str(status) not in declared:
            lines.append(f"{count} answers to {route} have status {status}, which is not declared")
    return lines
