"""Figures for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer


def write_json(content: Any, target: str) -> None:  # noqa: ANN401  # any JSON
    """Write `content` as JSON to the file `target`, or to standard output if that is `-`."""
    text = json.dumps(content, indent=2) + "\n"
    if target == "-":
        typer.echo(text, nl=False)
    else:
        Path(target).write_text(text, encoding="utf-8")
