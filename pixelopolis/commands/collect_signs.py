"""`pixelopolis collect signs`: pictures with boxes for the detector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def collect_signs(
    out: Annotated[Path, typer.Option(help="Pascal VOC folder to write.")],
    count: Annotated[int, typer.Option(min=1, help="Pictures in all.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="From 1000000 on: for evaluation only.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that render.")] = 2,
) -> None:
    """Render pictures of signs and cars with exact boxes; goes on where it was cut off."""
    from models.detector.collect import collect

    made = collect(out, count, seed, workers)
    typer.echo(f"{out}: {count} pictures, {made} of them new", err=True)
