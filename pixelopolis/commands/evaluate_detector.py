"""`pixelopolis evaluate detector`: how good the detector is on rendered pictures that no training used."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated

import typer


def evaluate_detector(
    count: Annotated[int, typer.Option(min=1, help="Pictures to judge by.")] = 320,
    seed: Annotated[int, typer.Option(min=0, help="From 1000000 on: never used in training.")] = 1_000_000,
    model: Annotated[Path | None, typer.Option(help="A .tflite with its .json; the shipped one if not given.")] = None,
    json: Annotated[str | None, typer.Option(help="File for the figures; - for standard output.")] = None,
) -> None:
    """Average precision over all classes and for each, and the time that a picture takes."""
    from car.perception.detector import Detector
    from models.detector.collect import examples
    from models.detector.evaluate import evaluate
    from models.detector.export import SHIPPED

    report = evaluate(Detector(model or SHIPPED), examples(count, seed))
    text = json_format.dumps({"seed": seed, **report.as_json()}, indent=1)
    if json is not None and json != "-":
        Path(json).write_text(text + "\n", encoding="utf-8")
    else:
        typer.echo(text)
