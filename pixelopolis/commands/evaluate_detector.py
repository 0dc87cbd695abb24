"""`pixelopolis evaluate detector`: how good the detector is on rendered pictures that no training used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError
from pixelopolis.output import write_json


def evaluate_detector(
    count: Annotated[int, typer.Option(min=1, help="Pictures to judge by.")] = 320,
    seed: Annotated[int, typer.Option(min=0, help="From 1000000 on: never used in training.")] = 1_000_000,
    model: Annotated[Path | None, typer.Option(help="A .tflite with its .json; the shipped one if not given.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """Average precision over all classes and for each, and the time that a picture takes."""
    from rich.console import Console
    from rich.progress import track

    from car.perception.detector import Detector
    from car.perception.sidecar import ModelError
    from models.detector.collect import examples
    from models.detector.evaluate import evaluate
    from models.detector.shipped import SHIPPED_DETECTOR

    try:
        detector = Detector(model or SHIPPED_DETECTOR)
    except ModelError as error:
        raise UsageError(str(error)) from error
    console = Console(stderr=True)
    pictures = track(examples(count, seed), "pictures", total=count, console=console, disable=not console.is_terminal)
    report = evaluate(detector, pictures)
    if json_file is not None:
        write_json({"seed": seed, **report.as_json()}, json_file)
    if json_file != "-":
        typer.echo(report.as_table())
