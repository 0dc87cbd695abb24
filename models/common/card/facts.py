"""What every card says of files, times and libraries."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("tensorflow", "tensorflow-cpu", "jax", "keras", "numpy", "ai-edge-litert")


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def duration(seconds: float) -> str:
    """A duration in the units in which it is usually told."""
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{seconds:.1f} s"
    return f"{minutes} min {rest_s} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def version_line() -> str:
    """The installed libraries that made the model."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue  # TensorFlow has two names, of which one is installed
    return f"Made with {', '.join(found)}."
