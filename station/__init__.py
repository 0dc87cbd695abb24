"""The visitor's web page: static files in `static/`, served by the server at `/` and `/static/`."""

from __future__ import annotations

from pathlib import Path


def static_dir() -> Path:
    """Return the folder whose `index.html` belongs at `/` and whose files belong under `/static/`."""
    return Path(__file__).resolve().parent / "static"
